import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import { type Desk, openDesk } from './command.ts';
import { listing, makeProject, tinyFiles, tinyRun, writeFiles } from './project.ts';

const packageFile = JSON.stringify({ scripts: { test: 'node --test', build: 'node build.js' } });
const gated = `name: gated
steps:
  - name: make
    type: code
    prompt: "Make {spec}"
    agent: claude-opus
    gate: [compile, test, lint, {coverage: 80}]
`;

let desk: Desk;
let dir: string;
beforeAll(async () => {
  desk = await openDesk();
  const files = { ...tinyFiles, 'package.json': packageFile, '.gump/workflows/gated.yaml': gated };
  dir = await makeProject(desk, { files });
});
afterAll(() => desk.remove());

const dry = (workflow: string, ...args: string[]) =>
  desk.gump(['run', workflow, '--spec', 'spec.md', '--dry-run', ...args], { cwd: dir });

test.concurrent('a dry run works without an agent script, starts nothing and writes nothing at all', async () => {
  const before = await listing(dir);
  const { code, stdout, stderr } = await dry('tiny');
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('[plan]                       split  (claude-opus)\n');
  expect(stdout).toContain('  gate      check  validators/check  judged by claude-opus\n');
  expect(stdout).toMatch(/\nprice {2}From about \$\d+\.\d\d to .*, reckoned by list prices with 1 task /);
  expect(stderr).toMatch(/^warning: no agent can be launched as claude-opus/);
  expect(stderr).toContain('nothing was started and nothing was written');
  expect(await listing(dir)).toEqual(before);
});

test.concurrent('the spec may be piped in, and one that is too long is refused like a file', async () => {
  const piped = (stdin: string) =>
    desk.gump(['run', 'tiny', '--spec', '-', '--dry-run'], { cwd: dir, stdin });
  const { code, stdout, stderr } = await piped('# Greet\n');
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('[plan]                       split  (claude-opus)\n');
  const long = await piped('x'.repeat(limits.specBytesMax + 1));
  expect(long.code).toBe(2);
  expect(long.stderr).toMatch(/^standard input:1:1: error: the spec is larger/);
  expect((await piped('')).stderr).toContain('the spec is empty');
});

test.concurrent('gates are told with the command of the commit and where it comes from, or what its absence means', async () => {
  await writeFiles(dir, { 'package.json': packageFile });
  const { stdout } = await dry('gated');
  expect(stdout).toContain('  gate      compile  `node build.js`  (script `build` of package.json)\n');
  expect(stdout).toContain('  gate      test  `node --test`  (script `test` of package.json)\n');
  expect(stdout).toContain('  gate      lint  (no command found: it would be skipped)\n');
  expect(stdout).toContain('  gate      coverage  80  (no command found: it would be skipped)\n');
});

test.concurrent('--json is one object with the whole plan, validators’ steps included, and its problems', async () => {
  const { code, stdout, stderr } = await dry('tiny', '--json', '--max-budget', '2', '--agent', 'codex');
  expect([code, stderr]).toEqual([0, '']);
  const { plan, price, diagnostics } = JSON.parse(stdout);
  expect(price).toContain('at most $2.00 (its limit)');
  expect(plan).toMatchObject({ workflow: 'tiny', limits: { maxBudgetUsd: 2 }, maxParallel: 4 });
  const [make] = plan.steps[0].steps;
  expect(make).toMatchObject({
    path: 'build/<task>/make',
    attemptsMax: 3,
    attempts: [{ from: 1, agent: 'codex' }],
  });
  expect(make.gates[1].steps).toMatchObject([{ path: 'build/<task>/make/check/look' }]);
  expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'agent' }]);
});

test.concurrent('a tree that is not clean is a warning: the commit is described, and a run would be refused', async () => {
  const own = await makeProject(desk, { name: 'dirty' });
  await writeFiles(own, { 'README.md': 'changed\n' });
  const { code, stdout, stderr } = await desk.gump(['run', 'tiny', '--spec', 'spec.md', '--dry-run'], {
    cwd: own,
  });
  expect(code).toBe(0);
  expect(stdout).toContain('[whole]');
  expect(stderr).toContain('warning: the tree is not clean: README.md');
});

const wrong: readonly (readonly [args: readonly string[], says: string])[] = [
  [['tinny', '--spec', 'spec.md'], 'did you mean tiny?'],
  [['tiny'], 'no spec is named'],
  [['tiny', '--spec', 'spec.md', '--pause-after', 'paln'], 'there is no step paln'],
  [['tiny', '--spec', 'spec.md', '--agent', 'clod'], 'unknown agent family'],
];

test.concurrent.each(wrong)('%j is refused as the run would be: exit code 2', async (args, says) => {
  const { code, stdout, stderr } = await desk.gump(['run', ...args, '--dry-run'], { cwd: dir });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(says);
  const json = await desk.gump(['run', ...args, '--dry-run', '--json'], { cwd: dir });
  expect([json.code, JSON.parse(json.stdout).plan]).toEqual([2, null]);
});

test.concurrent('a resume and a replay have no dry run, and a run with its script is told without a warning', async () => {
  for (const flag of ['--resume', '--replay']) {
    const more = flag === '--replay' ? ['--from-step', 'plan'] : [];
    const { code, stderr } = await desk.gump(['run', flag, ...more, '--dry-run'], { cwd: dir });
    expect([code, stderr]).toEqual([2, expect.stringContaining(`--dry-run does not go with ${flag}`)]);
  }
  const { code, stderr } = await desk.gump([...tinyRun, '--dry-run'], { cwd: dir });
  expect([code, stderr]).toEqual([0, 'dry run: nothing was started and nothing was written\n']);
});
