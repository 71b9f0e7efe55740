import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, type Outcome, openDesk } from '../cli/command.ts';
import { blemishes, eventsOf, runsIn } from '../cli/ledger.ts';
import { commitAll, listing } from '../cli/project.ts';

const fixtures = join(import.meta.dirname, '../fixtures/demo');
let desk: Desk;
let dir: string;
let outcome: Outcome;
let before: Record<string, string>;

/** All that is the user's: their tree, index and configuration; not what git adds to a repository. */
const theirs = () => listing(dir, ['.git/objects', '.git/refs', '.git/logs', '.git/info/exclude', '.gump']);

beforeAll(async () => {
  desk = await openDesk();
  dir = join(desk.dir, 'demo');
  cpSync(join(fixtures, 'project'), dir, { recursive: true });
  cpSync(join(fixtures, 'issue.md'), join(desk.dir, 'issue.md'));
  const script = readFileSync(join(fixtures, 'agent-script.yaml'), 'utf8');
  writeFileSync(join(desk.dir, 'script.yaml'), script.replace(/^ +sleep_ms: \d+\n/gm, ''));
  await desk.git(dir, 'init', '-q', '-b', 'main');
  await commitAll(desk, dir, 'first');
  before = await theirs();
  const args = [
    'run',
    'implement-spec',
    '--spec',
    'issue.md',
    '--repo',
    'demo',
    '--agent-script',
    'script.yaml',
  ];
  outcome = await desk.gump(args, { cwd: desk.dir });
}, 60_000);

afterAll(() => desk.remove());

test('the demo passes from start to end, exit code 0', () => {
  expect(outcome.code, outcome.stderr).toBe(0);
  expect(outcome.stderr).toContain(`the result is on gump/run-${runsIn(dir)[0]}; merge it with: gump apply`);
  expect(blemishes(eventsOf(dir))).toEqual([]);
});

test('the trace has every form of the reference, the path padded to 29 columns', () => {
  const wanted = [
    '[decompose]                  running  (claude-opus)',
    '[decompose]                  pass     3 tasks',
    '[build/task-1/converge]      running  (claude-sonnet)  attempt 1',
    '[build/task-1/converge]      gate     compile ✓  test ✓  review ✗',
    '[build/task-1/converge]      retry    attempt 2 — prompt override',
    '[build/task-1/converge]      running  (claude-sonnet)  attempt 2',
    '[build/task-1/converge]      gate     compile ✓  test ✓  review ✓',
    '[build/task-1/converge]      pass',
    '[build/task-1/smoke]         running  (claude-sonnet)  session from: converge',
    '[build/task-1/smoke]         pass',
    '[build/task-2/converge]      running  (claude-opus)  attempt 4',
    '[build/task-2/smoke]         running  (claude-opus)  session from: converge',
    '[quality]                    gate     compile ✓  lint ✓  test ✓',
    '[quality]                    pass',
  ];
  const lines = outcome.stdout.split('\n');
  let from = 0;
  for (const line of wanted) {
    const at = lines.indexOf(line, from);
    expect(at, `${line} is missing behind line ${from}`).toBeGreaterThanOrEqual(0);
    from = at + 1;
  }
  expect(lines.at(-2)).toMatch(/^Run completed: pass {2}duration: [\dms.]+ {2}cost: \$1\.89$/);
  expect(outcome.stdout).not.toContain('\x1b');
});

test("the user's branch, index, tree and ignore file are untouched", async () => {
  expect(await theirs()).toEqual(before);
  expect(await desk.git(dir, 'status', '--porcelain')).toBe('');
  const refs = await desk.git(dir, 'for-each-ref', '--format=%(refname)');
  expect(refs.split('\n')).toEqual([`refs/heads/gump/run-${runsIn(dir)[0]}`, 'refs/heads/main']);
  expect(await desk.git(dir, 'worktree', 'list')).not.toContain('.gump');
});

test('the branch has one commit an attempt, holds only what the agents wrote, and its own tests pass', async () => {
  const branch = `gump/run-${runsIn(dir)[0]}`;
  const subjects = (await desk.git(dir, 'log', '--reverse', '--format=%s', `main..${branch}`)).split('\n');
  expect(subjects).toEqual([
    'greeting: converge, attempt 1',
    'greeting: converge, attempt 2',
    'slug: converge, attempt 1',
    'slug: converge, attempt 2',
    'slug: converge, attempt 3',
    'converge: back to the start of the step',
    'slug: converge, attempt 4',
    'word-count: converge, attempt 1',
  ]);
  const files = await desk.git(dir, 'diff', '--name-only', 'main', branch);
  expect(files.split('\n')).toEqual(
    ['greeting', 'slug', 'word-count']
      .flatMap((name) => [`src/${name}.js`])
      .concat(['greeting', 'slug', 'word-count'].map((name) => `test/${name}.test.js`)),
  );
  const copy = join(desk.dir, 'copy');
  await desk.git(desk.dir, 'clone', '-q', '--branch', branch, dir, copy);
  const tests = await desk.start([], { cwd: copy, command: ['npm', 'test'] }).ended;
  expect(tests.code, tests.stdout + tests.stderr).toBe(0);
});

test('a resume of a passed run is refused, and apply merges it', async () => {
  const again = await desk.gump(['run', '--resume', '--run', runsIn(dir)[0] ?? ''], { cwd: dir });
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringContaining('has passed; there is nothing to resume'),
  ]);
  const applied = await desk.gump(['apply'], { cwd: dir });
  expect(applied.code, applied.stderr).toBe(0);
  expect(await desk.git(dir, 'log', '-1', '--format=%s')).toBe(`Merge branch 'gump/run-${runsIn(dir)[0]}'`);
});
