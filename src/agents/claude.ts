/** Claude Code. @source recorded runs of 2.1.330 and 2.1.197, and its `--help` (2026-11) */
import { claudeCost, claudeTokens, readClaudeStream } from './claude-stream.ts';
import type { Cli, CliOrder } from './cli.ts';

const readTools = ['Read', 'Glob', 'Grep', 'LS', 'WebFetch', 'WebSearch', 'Task', 'TodoWrite'];
const writeTools = ['Write', 'Edit', 'MultiEdit', 'NotebookEdit'];

export const claude: Cli = {
  family: 'claude',
  program: 'claude',
  login: ['.claude', '.claude.json'],
  conversations: [{ folder: '.claude/projects', files: /^[^/]+\/[\w-]+\.jsonl$/ }],
  upstream: () => 'anthropic',
  apis: ['anthropic-messages'],
  args: (order) => [
    ...['-p', '--output-format', 'stream-json', '--verbose', '--include-partial-messages'],
    ...(order.model === null ? [] : ['--model', order.model]),
    ...permissions(order),
    ...(order.access === 'read-write' ? [] : judgeAlone),
    ...(order.session === null ? ['--session-id', order.newSession] : ['--resume', order.session]),
    ...(order.schema === null ? [] : ['--json-schema', order.schema.text]),
  ],
  env: ({ home, models }) => ({
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
    ...(models === null
      ? {}
      : {
          ANTHROPIC_BASE_URL: models.url('anthropic'),
          ANTHROPIC_API_KEY: models.token,
          CLAUDE_CONFIG_DIR: `${home}/.claude`,
        }),
  }),
  settings: () => ({}),
  reader: () =>
    readClaudeStream({
      tokensOf: claudeTokens,
      costOf: claudeCost,
      writeTools: new RegExp(`^(${writeTools.join('|')})$`),
    }),
};

/**
 * The tree that a judge looks at may bring settings with hooks, another address of the service, or servers of tools: none of
 * them is read.
 */
const judgeAlone = ['--setting-sources', 'user', '--strict-mcp-config'];

/** `bypassPermissions` is refused for root, so everything that a coder needs is allowed by name. */
function permissions({ access, isIsolated }: CliOrder): readonly string[] {
  if (access === 'read-write') {
    const tools = ['Bash', ...readTools, ...writeTools];
    return ['--permission-mode', 'acceptEdits', '--allowedTools', tools.join(',')];
  }
  // Where a sandbox holds the tree, commands (a test, `git log`) may run; they cannot write.
  const tools = isIsolated ? ['Bash', ...readTools] : readTools;
  return [
    ...['--permission-mode', 'default', '--allowedTools', tools.join(',')],
    ...['--disallowedTools', writeTools.join(',')],
  ];
}
