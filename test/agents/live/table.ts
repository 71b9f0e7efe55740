/** The page docs/agents.md: which CLI has been through what. Made of the results that `npm run test:agents` wrote down. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveCli } from './catalog.ts';

/** By family, then by a scenario's title: null where all was as it must be, else what was not. */
export type Results = Readonly<
  Record<string, { readonly spec: string; readonly results: Readonly<Record<string, string | null>> }>
>;

export const resultsFile = join(import.meta.dirname, 'results.json');
export const pageFile = join(import.meta.dirname, '../../../docs/agents.md');

export function readResults(): Results {
  return JSON.parse(readFileSync(resultsFile, 'utf8'));
}

export function readPage(): string {
  return readFileSync(pageFile, 'utf8');
}

/** What one version did; where another one was tried before, nothing of that stays. */
export function withResult(
  all: Results,
  { family, spec }: Pick<LiveCli, 'family' | 'spec'>,
  result: { readonly title: string; readonly problem: string | null },
): Results {
  const before = all[family]?.spec === spec ? all[family].results : {};
  return { ...all, [family]: { spec, results: { ...before, [result.title]: result.problem } } };
}

/** @param titles of the scenarios, in their order */
export function pageOf(clis: readonly LiveCli[], titles: readonly string[], all: Results): string {
  const notes: string[] = [];
  const cell = ({ family, spec }: LiveCli, title: string): string => {
    const results = all[family]?.spec === spec ? all[family].results : {};
    const problem = results[title];
    if (problem === null) return '✓';
    if (problem === undefined) return 'not run';
    notes.push(`\`${family}\`, ${title}: ${problem.replaceAll('|', '/').replaceAll('\n', ' ')}`);
    return `✗ (${notes.length})`;
  };
  const lines = titles.map((title) => `| ${title} | ${clis.map((cli) => cell(cli, title)).join(' | ')} |`);
  return [
    intro,
    ...['| agent | version |', '| --- | --- |'],
    ...clis.map(({ family, spec }) => `| \`${family}\` | \`${spec}\` |`),
    '',
    `| | ${clis.map(({ family }) => family).join(' | ')} |`,
    `| --- |${clis.map(() => ' --- |').join('')}`,
    ...[...lines, ''],
    ...(notes.length === 0 ? [] : [...notes.map((note, index) => `${index + 1}. ${note}`), '']),
    outro,
  ].join('\n');
}

const intro = `# Agents

Written by \`npm run test:agents\`, which installs these versions, starts a scripted model server, and takes each program
through \`gump run\` with the gateway in between. In every one of these runs the key was looked for in the environment and the
arguments of all other processes and in all files: it was nowhere.
`;

const outro = `Cursor's program reaches models through Cursor's own service only and cannot be had from npm: its adapter follows its
documentation and was not run. Any other agent that speaks the Agent Client Protocol is named in gump.toml
(\`[agents.kimi] acp = "kimi --acp"\`); the conversations of nine of them are replayed by the tests.
`;
