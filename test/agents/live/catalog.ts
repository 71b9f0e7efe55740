/** The agent CLIs that npm ships, at the versions that we try, and where they are installed for that. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface LiveCli {
  readonly family: string;
  readonly spec: string;
  readonly program: string;
  /** The agent's name in workflows. */
  readonly agent: string;
  /** A tool of its own by which the model gives structured answers; null: it answers with text. */
  readonly resultTool: string | null;
}

export const liveClis: readonly LiveCli[] = [
  {
    family: 'claude',
    spec: '@anthropic-ai/claude-code@2.1.330',
    program: 'claude',
    agent: 'claude-sonnet',
    resultTool: 'StructuredOutput',
  },
  {
    family: 'codex',
    spec: '@openai/codex@0.169.0',
    program: 'codex',
    agent: 'codex-gpt54',
    resultTool: null,
  },
  {
    family: 'gemini',
    spec: '@google/gemini-cli@0.61.0',
    program: 'gemini',
    agent: 'gemini-25-flash',
    resultTool: null,
  },
  {
    family: 'qwen',
    spec: '@qwen-code/qwen-code@0.24.4',
    program: 'qwen',
    agent: 'qwen-plus',
    resultTool: 'structured_output',
  },
  {
    family: 'opencode',
    spec: 'opencode-ai@1.18.33',
    program: 'opencode',
    agent: 'opencode-gpt54',
    resultTool: null,
  },
  {
    family: 'copilot',
    spec: '@github/copilot@1.0.102',
    program: 'copilot',
    agent: 'copilot-gpt-5.4',
    resultTool: null,
  },
  {
    family: 'pi',
    spec: '@mariozechner/pi-coding-agent@0.73.1',
    program: 'pi',
    agent: 'pi-gpt-5.4',
    resultTool: null,
  },
];

/** A folder of its own, so that nothing is installed into the project; `GUMP_AGENTS` names another. */
export function agentsFolder(): string {
  return process.env.GUMP_AGENTS ?? join(homedir(), '.cache', 'gump', 'agents');
}

/** The pinned version; whether it is there, `isInstalled` says. */
export function programOf({ family, program }: LiveCli): string {
  return join(agentsFolder(), family, 'node_modules', '.bin', program);
}

export function isInstalled(cli: LiveCli): boolean {
  return existsSync(programOf(cli));
}

/** The pinned version, else whichever is on PATH; null: there is none. */
export function foundProgram(cli: LiveCli): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const files = [programOf(cli), ...folders.map((folder) => join(folder, cli.program))];
  return files.find((file) => existsSync(file)) ?? null;
}
