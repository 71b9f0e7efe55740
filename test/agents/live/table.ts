/** The page docs/agents.md: which CLI has been through what. Made of the results that `npm run test:agents` wrote down. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clis as drivenClis } from '../../../src/agents/clis.ts';
import { agentFamilies } from '../../../src/agents/families.ts';
import { knownUpstreams } from '../../../src/gateway/upstreams.ts';
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
    others,
    ...['## What each needs', ''],
    ...['| agent | how to install it | key, where gump runs |', '| --- | --- | --- |'],
    ...agentFamilies.map(
      ({ name, install }) => `| \`${name}\` | \`${install.replaceAll('|', '\\|')}\` | ${keyOf(name)} |`,
    ),
    '',
    logins,
  ].join('\n');
}

/** The variables of which one must be set for its calls to go through the gateway. */
function keyOf(family: string): string {
  const cli = drivenClis.find((one) => one.family === family);
  const upstream = cli?.upstream(null) ?? null;
  if (upstream === null)
    return cli?.apis.length === 0 ? 'none: its own login only' : "that of its model's provider";
  const { keys = [] } = knownUpstreams[upstream] ?? {};
  return keys.map(([variable]) => `\`${variable}\``).join(' or ');
}

const intro = `# Agents

Written by \`npm run test:agents\`, which installs these versions, starts a scripted model server, and takes each program
through \`gump run\` with the gateway in between. In every one of these runs the key was looked for in the environment and the
arguments of all other processes and in all files: it was nowhere.
`;

const others = `Cursor's program reaches models through Cursor's own service only and cannot be had from npm: its adapter follows its
documentation and was not run. Any other agent that speaks the Agent Client Protocol is named in gump.toml
(\`[agents.kimi] acp = "kimi --acp"\`); the conversations of nine of them are replayed by the tests.
`;

const logins = `On a runner the Action installs those that npm ships (input \`agent-cli\`), and the key is in \`env:\` of its step. A program that is
missing is told, with the command, before anything is spent. Another address, another service or a model on your machine is an
[upstream of your own](configuration.md#who-may-say-where-a-key-goes).

Without a key a program uses its own login, a subscription for example, and the run says so, for then less is certain: its
spending is what its own stream tells, so a call that the budget cannot pay is noticed only when it has been made, and its login
lies where it can be read by whatever it starts. ACP agents without an \`upstream\` tell what they used when their turn has ended,
some of them of their last call alone; a command of your own tells nothing. Reports name what was not known.
`;
