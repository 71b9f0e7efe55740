/** The agent families that the language knows, with the program of each and how to get it. */

export interface AgentFamily {
  readonly name: string;
  /** The program on PATH. */
  readonly command: string;
  /** What a person types to install it. */
  readonly install: string;
}

/** @source the projects' own installation pages and npm packages, 2026-11 */
export const agentFamilies: readonly AgentFamily[] = [
  { name: 'claude', command: 'claude', install: 'npm install -g @anthropic-ai/claude-code' },
  { name: 'codex', command: 'codex', install: 'npm install -g @openai/codex' },
  { name: 'gemini', command: 'gemini', install: 'npm install -g @google/gemini-cli' },
  { name: 'qwen', command: 'qwen', install: 'npm install -g @qwen-code/qwen-code' },
  { name: 'opencode', command: 'opencode', install: 'npm install -g opencode-ai' },
  { name: 'cursor', command: 'cursor-agent', install: 'curl -fsS https://cursor.com/install | bash' },
  { name: 'copilot', command: 'copilot', install: 'npm install -g @github/copilot' },
  { name: 'pi', command: 'pi', install: 'npm install -g @mariozechner/pi-coding-agent' },
];

/** The family of an agent's name: its first part (`claude-opus` → `claude`), known or not. */
export function familyName(agent: string): string {
  return agent.split('-', 1)[0] ?? agent;
}
