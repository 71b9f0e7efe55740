import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noOptions } from '../../../src/github/commands/options.ts';
import { launcher } from '../../../src/github/runs/launch.ts';
import { passSecond } from '../../standin/state.ts';
import { talkIn } from './talk.fixture.ts';
import { openTown, repository, type Town } from './town.ts';

let town: Town;
let issue: number;
beforeEach(async () => {
  town = await openTown();
  issue = await town.openIssue('Add a greeting', 'Say hello.');
});
afterEach(async () => {
  expect(town.standin.violations).toEqual([]);
  await town.close();
});

const { say, command, answers, answer } = talkIn(
  () => town,
  () => issue,
);

async function jobs() {
  const { data } = await town.as('acme').request('GET /repos/{owner}/{repo}/actions/runs', repository);
  return data.workflow_runs.map(({ display_title, status, conclusion }) => ({
    display_title,
    status,
    conclusion,
  }));
}

describe('/gump stop', () => {
  test('cancels what waits first, then what runs, and says so once', async () => {
    const first = await command('/gump run');
    town.standin.updateRun(town.dispatches[0]?.runId ?? 0, { status: 'in_progress', conclusion: null });
    const second = await command('/gump run');
    const cancelled: number[] = [];
    for (const { runId, signal } of town.dispatches)
      signal.addEventListener('abort', () => void cancelled.push(runId));
    const { comment, event } = await say('/gump stop');
    await town.handle(event);
    await town.handle(event, { config: town.config({ takeoverAfterMs: 0 }) });
    expect(cancelled).toEqual([town.dispatches[1]?.runId, town.dispatches[0]?.runId]);
    expect(await jobs()).toContainEqual({
      ...{ display_title: `issue-${issue}-${second}`, status: 'completed', conclusion: 'cancelled' },
    });
    expect(await answer()).toContain(`\`issue-${issue}-${second}\` was taken out of the queue`);
    expect(await answer()).toContain(`\`issue-${issue}-${first}\` is being stopped`);
    expect((await town.reactions(comment)).toSorted()).toEqual(['eyes', 'rocket']);
    expect((await answers()).filter(({ body }) => body.includes(`gump:reply ${comment} `))).toHaveLength(1);
  });

  test('that arrives late stops nothing that was commanded after it', async () => {
    const { event } = await say('/gump stop');
    passSecond();
    await command('/gump run');
    await town.handle(event);
    expect(await answer()).toContain('Nothing was stopped');
    expect(town.dispatches[0]?.signal.aborted).toBe(false);
  });

  test('stops a run that was commanded before it, although its job is younger', async () => {
    const run = await say('/gump run');
    const stop = await say('/gump stop');
    passSecond();
    await town.handle(run.event);
    await town.handle(stop.event);
    expect(town.dispatches[0]?.signal.aborted).toBe(true);
  });

  test.each(['in_progress', 'completed'] as const)(
    'stops what goes on by itself, started since by the job behind a lost one that is %s',
    async (status) => {
      const runId = `issue-${issue}-${await command('/gump run')}`;
      const job = town.dispatches[0]?.runId ?? 0;
      town.standin.updateRun(job, { status: 'in_progress', conclusion: null });
      const stop = await say('/gump stop');
      passSecond();
      await launcher(town.app.client)({
        ...{ ...repository, issue, runId, ref: 'main', command: 'resume', within: job, told: {} },
        ...{ workflow: null, spec: null, options: noOptions, since: '2026-11-01T00:00:00Z' },
      });
      passSecond();
      if (status === 'completed') town.standin.updateRun(job, { status, conclusion: 'failure' });
      await town.handle(stop.event);
      expect(town.dispatches[1]?.signal.aborted).toBe(true);
    },
  );

  test('says that nothing is under way where nothing is', async () => {
    await command('/gump run');
    town.standin.updateRun(town.dispatches[0]?.runId ?? 0, { status: 'completed', conclusion: 'success' });
    await command('/gump stop');
    expect(await answer()).toMatch(/Nothing was stopped: no run of this issue was under way\. The last one/);
  });

  test('stops what somebody has started by hand, however many jobs of others began since', async () => {
    await town.as('acme').request('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
      ...{ ...repository, workflow_id: 'gump.yml', ref: 'main', inputs: { issue: String(issue) } },
    });
    const byHand = town.dispatches[0]?.runId ?? 0;
    town.standin.updateRun(byHand, { status: 'in_progress', conclusion: null });
    const runs = town.standin.state.repositories.get('acme/shop')?.workflow_runs;
    const one = runs?.get(byHand);
    for (let id = byHand + 1; one && id < byHand + 102; id++)
      runs?.set(id, { ...one, id, display_title: 'issue-99-1', status: 'completed', conclusion: 'success' });
    await command('/gump status');
    expect(await answer()).toContain(
      `[in_progress](${town.standin.url}/acme/shop/actions/runs/${byHand}) of \`issue-${issue}-${byHand}-hand\``,
    );
    await command('/gump stop');
    expect(town.dispatches[0]?.signal.aborted).toBe(true);
    expect(await answer()).toContain(`\`issue-${issue}-${byHand}-hand\` is being stopped`);
  });

  test('leaves the runs of other issues alone', async () => {
    await command('/gump run');
    issue = await town.openIssue('Another', 'Something else.');
    await command('/gump stop');
    expect(await answer()).toContain('Nothing was stopped');
    expect(town.dispatches[0]?.signal.aborted).toBe(false);
  });
});
