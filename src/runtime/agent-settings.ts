/**
 * Files in a tree by which agent CLIs are told what to do, or what to start: settings, hooks, servers, standing orders.
 * A judge has them as the run's first commit has them, so that an attempt cannot leave any for its judge.
 * @source the documentation of each CLI (2026-11)
 */
const folders = [
  ...[
    '.claude',
    '.codex',
    '.gemini',
    '.qwen',
    '.opencode',
    '.cursor',
    '.copilot',
    '.pi',
    '.agents',
    '.goose',
  ],
  '.kimi',
];
const files = [
  ...['.mcp.json', 'CLAUDE.md', 'CLAUDE.local.md', 'AGENTS.md', 'AGENTS.override.md', 'GEMINI.md', 'QWEN.md'],
  ...['opencode.json', 'opencode.jsonc', '.cursorrules', '.goosehints', 'copilot-instructions.md'],
];
const names = new Set([...folders, ...files].map((name) => name.toLowerCase()));
/** Of Copilot, below `.github`. */
const below = /(?:^|\/)\.github\/(?:instructions|agents|hooks|prompts|copilot)(?:\/|$)/i;

/** True for such a file at any depth, and for whatever stands in the place of such a folder. */
export function isAgentSetting(path: string): boolean {
  return below.test(path) || path.split('/').some((name) => names.has(name.toLowerCase()));
}
