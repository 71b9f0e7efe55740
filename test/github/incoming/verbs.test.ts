import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RepositoryEvent } from '../../standin/world.ts';
import { completed, paused, putLedger } from './ledger.fixture.ts';
import { openTown, type Town } from './town.ts';

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

async function say(body: string): Promise<{ readonly comment: number; readonly event: RepositoryEvent }> {
  const comment = await town.comment('wilma', issue, body);
  return { comment, event: town.last('issue_comment', 'created') };
}

async function command(body: string): Promise<number> {
  const { comment, event } = await say(body);
  await town.handle(event);
  return comment;
}

const answers = async () => {
  const all = await town.comments(issue);
  return all.filter(({ login, body }) => login === town.app.login && !body.includes('gump:status'));
};
const answer = async () => (await answers()).at(-1)?.body ?? '';
const orderOf = (at: number) => JSON.parse(town.dispatches[at]?.inputs.order ?? '{}');

/** A second has to pass before something counts as later: GitHub's times are whole seconds. */
async function nextSecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_010 - (Date.now() % 1_000)));
}

describe('a person who is asked', () => {
  const run = () => `issue-${issue}-900`;

  test.each([
    ['/gump approve', 'approve', {}],
    ['/gump reject  The tests  lie.', 'reject', { reason: 'The tests lie.' }],
  ])('%s answers the very question, under the own name', async (body, verb, more) => {
    await putLedger(town, run(), [paused(run()), { type: 'notice', message: 'A sink was late.' }]);
    const comment = await command(body);
    expect(town.dispatches[0]?.inputs).toMatchObject({
      command: verb,
      'run-id': run(),
      issue: String(issue),
    });
    expect(orderOf(0)).toEqual({ by: 'wilma', seq: '2', ...more });
    expect((await town.reactions(comment)).toSorted()).toEqual(['eyes', 'rocket']);
  });

  test.each([
    ['passed', () => [completed(run(), 'pass')], 'it has passed'],
    ['failed', () => [completed(run(), 'fail', 'no')], 'it has failed; `/gump resume` goes on with it'],
    ['was lost', () => [], 'it was lost'],
  ] as const)('is told so where the run %s', async (_what, facts, words) => {
    await putLedger(town, run(), facts());
    await command('/gump approve');
    expect(await answer()).toContain(
      `Nothing was decided: the run \`${run()}\` does not ask a person: ${words}`,
    );
    expect(town.dispatches).toEqual([]);
  });

  test('is told so where no run is known', async () => {
    await command('/gump reject');
    expect(await answer()).toContain('no run of this issue has a ledger yet');
  });

  test('answers once: while the job of the first answer is under way the second is refused', async () => {
    await putLedger(town, run(), [paused(run())]);
    await command('/gump approve');
    await nextSecond();
    await command('/gump reject');
    expect(town.dispatches).toHaveLength(1);
    expect(await answer()).toContain('is under way already');
  });
});

describe('several commands on one issue', () => {
  test('wait in their order, each told what goes first', async () => {
    const comments = [await command('/gump run'), await command('/gump run'), await command('/gump run')];
    expect(town.dispatches.map(({ inputs }) => inputs['run-id'])).toEqual(
      comments.map((comment) => `issue-${issue}-${comment}`),
    );
    expect(await answer()).toContain(`It waits: \`issue-${issue}-${comments[1]}\` goes first.`);
  });

  test('are refused where GitHub would drop one that waits', async () => {
    await town.close();
    town = await openTown({ edit: (file) => file.replace('  queue: max\n', '') });
    issue = await town.openIssue('Add a greeting', 'Say hello.');
    for (let count = 0; count < 3; count++) await command('/gump run');
    expect(town.dispatches).toHaveLength(2);
    expect(await answer()).toContain('without `queue: max`');
  });

  test('do not wait for those of other issues', async () => {
    await command('/gump run');
    issue = await town.openIssue('Another', 'Something else.');
    await command('/gump run');
    expect(await answers()).toEqual([]);
    expect(town.dispatches).toHaveLength(2);
  });
});

describe('what is known of the latest run', () => {
  const run = () => `issue-${issue}-900`;

  test('/gump report shows its report', async () => {
    await putLedger(town, run(), [completed(run(), 'fail', 'the tests of @acme/team fail')]);
    await command('/gump report');
    const told = await answer();
    expect(told).toContain('short: fail');
    expect(told).toContain('$1.50 of $5.00');
    expect(told).not.toContain('@acme/team');
  });

  test('/gump status says where it stands, and every job that is not over', async () => {
    await putLedger(town, run(), [completed(run(), 'fail', 'no')]);
    const waiting = await command('/gump run');
    await command('/gump status');
    const told = await answer();
    expect(told).toContain('❌ **Failed**');
    expect(told).toMatch(new RegExp(`job: \\[waiting\\]\\(\\S+\\) of \`issue-${issue}-${waiting}\``));
  });

  test('a damaged ledger is told, not taken for none', async () => {
    await putLedger(town, run(), [{ type: 'run_paused', run: run() } as never]);
    await command('/gump report');
    expect(await answer()).toMatch(/There is no report: The ledger of \S+ was not read: line 2/);
  });
});
