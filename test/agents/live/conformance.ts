/**
 * `npm run test:agents [FAMILY…]`: installs pinned versions of the agent CLIs that npm ships into a folder of its own, takes
 * each through every scenario against the scripted model server, and writes the table of docs/agents.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { agentsFolder, isInstalled, type LiveCli, liveClis } from './catalog.ts';
import { runLive } from './run.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { pageOf, type Row } from './table.ts';

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const clis = liveClis.filter(({ family }) => wanted.length === 0 || wanted.includes(family));
const rows: Row[] = scenarios.map(({ title }) => ({ title, results: {} }));

for (const cli of clis) await install(cli);
for (const [index, scenario] of scenarios.entries()) {
  for (const cli of clis) {
    const problem = await attempt(scenario, cli);
    console.log(
      `${problem === null ? '✓' : '✗'} ${cli.family.padEnd(9)} ${scenario.title}${problem === null ? '' : `: ${problem}`}`,
    );
    const row = rows[index];
    if (row) rows[index] = { ...row, results: { ...row.results, [cli.family]: problem } };
  }
}
const failed = rows.flatMap(({ results }) => Object.values(results)).filter((problem) => problem !== null);
if (wanted.length === 0)
  writeFileSync(join(import.meta.dirname, '../../../docs/agents.md'), pageOf(liveClis, rows));
console.log(`${rows.length * clis.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function install(cli: LiveCli): Promise<void> {
  if (isInstalled(cli)) return;
  const folder = join(agentsFolder(), cli.family);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
  console.log(`installing ${cli.spec} …`);
  await execa('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', cli.spec], { cwd: folder });
}

async function attempt({ order, check }: Scenario, cli: LiveCli): Promise<string | null> {
  const result = await runLive({ cli, ...order(cli) });
  if (result.leaks.length > 0) return `the key was found: ${result.leaks.join('; ')}`;
  return await check(result, cli);
}
