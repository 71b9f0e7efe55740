import { afterAll, beforeAll, expect, test } from 'vitest';
import { playStory, startRun } from '../standin/demo/story.ts';
import { openTown, type Town } from '../standin/demo/town.ts';
import { blemishes, endedAttempts, eventsOf, launches, treeOf } from './github-facts.ts';
import { onceRefusedScript, runJobs } from './github-town.ts';

const agentScript = onceRefusedScript();
const quiet = () => undefined;
const runId = 'issue-1-1002';

let expectedTree: string | null;

beforeAll(async () => {
  const town = await openTown({ agentScript });
  const story = await playStory(town, quiet);
  expect(story.passed).toBe(true);
  expectedTree = treeOf(town);
  await town.close();
}, 120_000);

const towns: Town[] = [];
afterAll(async () => {
  for (const town of towns) await town.close();
});

// Lines of the trace at which the machine vanishes: before the first agent, in agents, gates, reviews, between tasks, at the end.
const moments = [1, 2, 5, 8, 9, 11, 15];

for (const moment of moments) {
  test.concurrent(`a runner that vanishes at line ${moment} of the trace loses nothing, and nothing runs twice`, async () => {
    const town = await openTown({ agentScript });
    towns.push(town);
    const job = await startRun(town, quiet);
    await vanish(town, job.id, moment);
    const survived = await eventsOf(town, runId);
    await quietIn(town);
    // Whom a person has to run again: before its first push the run is nobody's yet.
    if (survived.length === 0) {
      await town.runner.rerun(job.id);
      await quietIn(town);
    }
    const events = await eventsOf(town, runId);
    expect(runJobs(town).at(-1)?.conclusion, logOf(town)).toBe('success');
    expect(treeOf(town)).toBe(expectedTree);
    const done = endedAttempts(survived);
    const after = launches(events.slice(survived.length));
    expect(after.filter((attempt) => done.has(attempt))).toEqual([]);
    expect(repeated(launches(events)).length).toBeLessThanOrEqual(1);
    expect(await blemishes(town)).toEqual([]);
  }, 180_000);
}

/** Until the job behind the run has started a fresh one where it wants to, and that has ended. */
async function quietIn(town: Town): Promise<void> {
  await town.runner.idle();
  await town.app.idle();
  await town.standin.idle();
}

/** For whoever reads a failure: the end of each job's log. */
function logOf({ runner }: Town): string {
  const tails = runner.jobs.map(({ jobKey, conclusion, log }) => [
    `${jobKey} ${conclusion}`,
    ...log.slice(-12),
  ]);
  return tails.flat().join('\n');
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

/** Kills everything of the job at once when the trace reaches its N-th line. */
async function vanish(town: Town, jobId: string, moment: number): Promise<void> {
  let lines = 0;
  await new Promise<void>((resolve) => {
    const off = town.runner.onLog((_job, line) => {
      if (!/^\[[^\]]+\] {2,}/.test(line) || ++lines < moment) return;
      off();
      resolve();
    });
    void town.runner.ended(jobId).then(() => resolve());
  });
  town.runner.kill(jobId, 'SIGKILL', { tree: true });
  await town.runner.ended(jobId);
}
