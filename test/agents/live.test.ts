import { describe, expect, it } from 'vitest';
import { agentsFolder, foundProgram, type LiveCli, liveClis } from './live/catalog.ts';
import { runLive } from './live/run.ts';
import { scenarios, shortest } from './live/scenarios.ts';
import { pageFile, pageOf, readPage, readResults } from './live/table.ts';

/** In the title, so that whoever reads the report knows what was not run. */
function why(cli: LiveCli): string {
  return foundProgram(cli) === null
    ? ` (skipped: it is neither in ${agentsFolder()} nor on PATH; npm run test:agents ${cli.family})`
    : '';
}

describe.concurrent('real agents against the scripted model server', () => {
  for (const cli of liveClis) {
    const test = foundProgram(cli) === null ? it.skip : it;
    test(`${cli.family} ${shortest.title}${why(cli)}`, { timeout: 120_000 }, async () => {
      const result = await runLive({ cli, ...shortest.order(cli) });
      expect(await shortest.check(result, cli)).toBeNull();
      expect(result.leaks).toEqual([]);
    });
  }
});

describe('docs/agents.md', () => {
  const titles = scenarios.map(({ title }) => title);

  it('is what the results of the last runs say', () => {
    expect(readPage(), pageFile).toBe(pageOf(liveClis, titles, readResults()));
  });

  it('has a result for every scenario with every pinned version, and a sentence where it is not green', () => {
    const results = readResults();
    for (const { family, spec } of liveClis) {
      expect(results[family]?.spec, `${family}: npm run test:agents ${family}`).toBe(spec);
      expect(Object.keys(results[family]?.results ?? {}).sort()).toEqual([...titles].sort());
    }
  });

  it('says of a version that was not run that it was not', () => {
    const newer = liveClis.map((cli) => ({ ...cli, spec: `${cli.spec}-next` }));
    const page = pageOf(newer, titles, readResults());
    expect(page).not.toContain('✓');
    expect(page).toContain('not run');
  });

  it('gives each failure a number and a sentence', () => {
    const [cli] = liveClis;
    if (!cli) throw new Error('there is no CLI');
    const all = { [cli.family]: { spec: cli.spec, results: { one: null, two: 'it wrote | and\nwent on' } } };
    const page = pageOf([cli], ['one', 'two'], all);
    expect(page).toContain('| one | ✓ |\n| two | ✗ (1) |');
    expect(page).toContain(`1. \`${cli.family}\`, two: it wrote / and went on`);
  });
});
