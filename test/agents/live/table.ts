/** The page docs/agents.md: which CLI has been through what. */
import type { LiveCli } from './catalog.ts';

export interface Row {
  readonly title: string;
  /** By family: null where all was as it must be, else what was not. */
  readonly results: Readonly<Record<string, string | null>>;
}

export function pageOf(clis: readonly LiveCli[], rows: readonly Row[]): string {
  const families = clis.map(({ family }) => family);
  const notes: string[] = [];
  const cell = (problem: string | null | undefined): string => {
    if (problem === null) return '✓';
    if (problem === undefined) return '–';
    notes.push(problem.replaceAll('|', '/').replaceAll('\n', ' '));
    return `✗ (${notes.length})`;
  };
  const lines = rows.map(
    ({ title, results }) => `| ${title} | ${families.map((family) => cell(results[family])).join(' | ')} |`,
  );
  const versions = clis.map(({ family, spec }) => `| \`${family}\` | \`${spec}\` |`);
  return `# Agents

Written by \`npm run test:agents\`, which installs these versions, starts a scripted model server, and takes each program
through \`gump run\` with the gateway in between. In every one of these runs the key was looked for in the environment and the
arguments of all other processes and in all files: it was nowhere.

| agent | version |
| --- | --- |
${versions.join('\n')}

| | ${families.join(' | ')} |
| --- |${families.map(() => ' --- |').join('')}
${lines.join('\n')}

${notes.map((note, index) => `${index + 1}. ${note}`).join('\n')}

Cursor's program reaches models through Cursor's own service only and cannot be had from npm: its adapter follows its
documentation and was not run. Any other agent that speaks the Agent Client Protocol is named in gump.toml
(\`[agents.kimi] acp = "kimi --acp"\`); Gemini, Qwen, OpenCode and Copilot were tried that way too.
`.replace(/\n{3,}/g, '\n\n');
}
