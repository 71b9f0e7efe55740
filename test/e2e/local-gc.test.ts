import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk } from '../cli/command.ts';
import { blemishes, eventsOf, ofType, runsIn } from '../cli/ledger.ts';
import { commitAll, makeProject, tinyFiles, writeFiles } from '../cli/project.ts';

/** The first child waits for a person, so that the second one's work is merged nowhere yet. */
const workflow = `name: beside
steps:
  - name: both
    parallel: true
    steps:
      - {name: asks, type: code, prompt: p, agent: claude-opus, hitl: after_gate, gate: [{bash: test -f asks.txt}]}
      - {name: works, type: code, prompt: p, agent: claude-opus, gate: [{bash: test -f works.txt}]}
`;
const script = `rules:
  - step: both/asks
    turns: [{write: {asks.txt: "asks\\n"}}]
  - step: both/works
    turns: [{write: {works.txt: "works\\n"}}]
`;

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.remove());

test('what a paused run has not merged yet, and the commit it started on, outlive `git gc --prune=now`', async () => {
  const files = { ...tinyFiles, '.gump/workflows/beside.yaml': workflow, 'script.yaml': script };
  const dir = await makeProject(desk, { files });
  const run = ['run', 'beside', '--spec', 'spec.md', '--agent-script', 'script.yaml'];
  expect((await desk.gump(run, { cwd: dir })).code).toBe(3);
  await desk.git(dir, 'update-ref', '-d', 'HEAD');
  await writeFiles(dir, { 'README.md': 'begun anew\n' });
  await commitAll(desk, dir, 'another first commit');
  await desk.git(dir, 'reflog', 'expire', '--expire=now', '--all');
  await desk.git(dir, 'gc', '-q', '--prune=now');
  const resumed = await desk.gump(['run', '--resume'], { cwd: dir });
  expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringContaining('the result is on')]);
  const events = eventsOf(dir);
  expect(ofType(events, 'agent_launched')).toHaveLength(2);
  expect(blemishes(events)).toEqual([]);
  const result = await desk.git(dir, 'ls-tree', '--name-only', `gump/run-${runsIn(dir).at(-1)}`);
  expect(result.split('\n')).toEqual(expect.arrayContaining(['asks.txt', 'works.txt']));
  // Nothing of ours is left behind the end.
  expect(await desk.git(dir, 'for-each-ref', 'refs/gump')).toBe('');
});
