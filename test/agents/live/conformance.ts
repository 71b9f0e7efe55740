/**
 * `npm run test:agents [FAMILY…]`: installs pinned versions of the agent CLIs that npm ships into a folder of its own, takes
 * each through every scenario against the scripted model server, and writes the table of docs/agents.md. With families,
 * or with `--only WORD` for the scenarios whose title has it, the other cells of the table stay as they are.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { agentsFolder, isInstalled, type LiveCli, liveClis } from './catalog.ts';
import { runLive } from './run.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { pageFile, pageOf, type Results, readResults, resultsFile, withResult } from './table.ts';

const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
const clis = liveClis.filter(({ family }) => positionals.length === 0 || positionals.includes(family));
const some = scenarios.filter(({ title }) => title.includes(values.only ?? ''));
let results: Results = existsSync(resultsFile) ? readResults() : {};
let failed = 0;

for (const cli of clis) await install(cli);
for (const scenario of some) for (const cli of clis) await tell(scenario, cli);
console.log(`${some.length * clis.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function install(cli: LiveCli): Promise<void> {
  if (isInstalled(cli)) return;
  const folder = join(agentsFolder(), cli.family);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
  console.log(`installing ${cli.spec} …`);
  await execa('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', cli.spec], { cwd: folder });
}

/** Written down at once: the whole takes half an hour, and somebody may end it. */
async function tell(scenario: Scenario, cli: LiveCli): Promise<void> {
  const { title } = scenario;
  const problem = await attempt(scenario, cli);
  if (problem !== null) failed++;
  const mark = problem === null ? '✓' : '✗';
  console.log(`${mark} ${cli.family.padEnd(9)} ${title}${problem === null ? '' : `: ${problem}`}`);
  results = withResult(results, cli, { title, problem });
  writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
  const titles = scenarios.map((one) => one.title);
  writeFileSync(pageFile, pageOf(liveClis, titles, results));
}

async function attempt({ order, check }: Scenario, cli: LiveCli): Promise<string | null> {
  const result = await runLive({ cli, ...order(cli) });
  if (result.leaks.length > 0) return `the key was found: ${result.leaks.join('; ')}`;
  return await check(result, cli);
}
