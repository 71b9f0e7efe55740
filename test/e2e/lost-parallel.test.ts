import { afterAll, expect, test } from 'vitest';
import { startRun } from '../standin/demo/story.ts';
import { openTown, type Town } from '../standin/demo/town.ts';
import { blemishes, endedAttempts, eventsOf, launches } from './github-facts.ts';
import { gitIn, lineOf, runJobs } from './github-town.ts';

/** Three tasks side by side: `quick` has ended its first step when `slow` still works. */
const workflow = `name: implement-spec
steps:
  - name: cut
    type: split
    parallel: true
    get: {prompt: "Split {spec}"}
    run: {agent: claude-opus}
    each:
      - name: write
        type: code
        get: {prompt: "{task.description}"}
        run: {agent: claude-sonnet}
        gate: [{bash: "test -d made"}]
      - name: polish
        type: code
        get: {prompt: polish}
        run: {agent: claude-sonnet}
`;
const script = (sleepMs: number) => `rules:
  - step: cut
    tasks: [{name: quick, description: q}, {name: slow, description: s}, {name: other, description: o}]
  - step: cut/slow/write
    turns: [{sleep_ms: ${sleepMs}, write: {made/slow: "slow\\n"}}]
  - step: cut/quick/write
    turns: [{write: {made/quick: "quick\\n"}}]
  - step: cut/other/write
    turns: [{write: {made/other: "other\\n"}}]
  - step: cut/quick/polish
    turns: [{sleep_ms: ${sleepMs}, write: {made/polished: "polished\\n"}}]
  - step: cut/*/polish
    turns: [{say: nothing to do}]
`;
const runId = 'issue-1-1002';
let town: Town;
afterAll(() => town.close());

test('what a parallel task had finished beside the branch is there when its runner is lost', async () => {
  const files = { '.gump/workflows/implement-spec.yaml': workflow };
  town = await openTown({ agentScript: script(2_000), files });
  const quiet = () => undefined;
  const started = await startRun(town, quiet);
  const job = town.runner.jobs.find(({ id }) => id === started.id);
  if (!job) throw new Error('no job was started');
  await lineOf(town, job, /^\[build\/task-1\/polish\] +running/);
  // The launch waits until what it stands on is safe.
  let survived = await eventsOf(town, runId);
  while (!launches(survived).includes('cut/quick/polish#1')) survived = await eventsOf(town, runId);
  town.runner.kill(job.id, 'SIGKILL', { tree: true });
  await town.runner.ended(job.id);
  survived = await eventsOf(town, runId);
  expect([...endedAttempts(survived)]).toContain('cut/quick/write#1');
  expect(() => gitIn(town, 'rev-parse', '--verify', '-q', 'refs/heads/gump/issue-1:made/quick')).toThrow();
  expect(filesOf('gump/issue-1-task-1')).toEqual(['made/quick']);

  await town.runner.idle();
  await town.app.idle();
  await town.standin.idle();
  expect(runJobs(town).at(-1)?.conclusion).toBe('success');
  const events = await eventsOf(town, runId);
  const repeated = launches(events.slice(survived.length)).filter((id) => endedAttempts(survived).has(id));
  expect(repeated).toEqual([]);
  const made = gitIn(town, 'ls-tree', '--name-only', 'refs/heads/gump/issue-1', 'made/').split('\n');
  expect(made).toEqual(['made/other', 'made/polished', 'made/quick', 'made/slow']);
  expect(await blemishes(town)).toEqual([]);
  expect(filesOf('gump/issue-1-task-1')).toEqual(['made/polished', 'made/quick']);
  expect([2, 3].map((task) => filesOf(`gump/issue-1-task-${task}`))).toEqual([['made/slow'], ['made/other']]);
}, 120_000);

function filesOf(branch: string): readonly string[] {
  return gitIn(town, 'ls-tree', '--name-only', `refs/heads/${branch}`, 'made/').split('\n');
}
