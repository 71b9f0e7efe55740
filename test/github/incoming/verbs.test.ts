import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event, Fact } from '../../../src/events/event.ts';
import { openPublisher } from '../../../src/git/publish.ts';
import { openOrders } from '../../../src/hosting/github-orders.ts';
import { specFromText } from '../../../src/spec/spec.ts';
import { passSecond } from '../../standin/state.ts';
import { completed, paused, putLedger } from './ledger.fixture.ts';
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
const orderOf = (at: number) => JSON.parse(town.dispatches[at]?.inputs.order ?? '{}');

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

  test('does not answer with a word that is looked at late what was asked after it', async () => {
    await putLedger(town, run(), [paused(run())]);
    await town.comment('wilma', issue, '/gump approve');
    const event = structuredClone(town.last('issue_comment', 'created'));
    const long = { created_at: '2025-11-26T11:50:00Z', updated_at: '2025-11-26T11:50:00Z' };
    Object.assign(event.payload.comment as object, long);
    await town.handle(event, {});
    expect(await answer()).toContain(`the run \`${run()}\` has asked something else since`);
    expect(town.dispatches).toEqual([]);
  });

  test('is told so where no run is known', async () => {
    await command('/gump reject');
    expect(await answer()).toContain('no run of this issue has a ledger yet');
  });

  test('answers once: while the job of the first answer is under way the second is refused', async () => {
    await putLedger(town, run(), [paused(run())]);
    await command('/gump approve');
    passSecond();
    await command('/gump reject');
    expect(town.dispatches).toHaveLength(1);
    expect(await answer()).toContain('is under way already');
  });

  test('may answer before GitHub calls the job over that asked: the next one waits for it', async () => {
    await command('/gump run');
    const asking = town.dispatches[0];
    const name = String(asking?.inputs['run-id']);
    const jobs = town.standin.state.repositories.get('acme/shop')?.workflow_runs;
    Object.assign(jobs?.get(asking?.runId ?? 0) ?? {}, {
      ...{
        status: 'in_progress',
        created_at: '2025-11-26T11:00:00Z',
        run_started_at: '2025-11-26T11:00:00Z',
      },
    });
    await putLedger(town, name, [paused(name)]);
    await command('/gump approve');
    expect(town.dispatches[1]?.inputs).toMatchObject({ command: 'approve', 'run-id': name });
    expect(await answer()).toContain(`It waits: \`${name}\` goes first.`);
    passSecond();
    await command('/gump approve');
    expect(town.dispatches).toHaveLength(2);
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

describe('/gump plan', () => {
  test('shows steps, agents, gates, limits and a price, and starts nothing', async () => {
    const comment = await command('/gump plan implement-spec max-budget=8');
    const told = await answer();
    for (const part of [
      'implement-spec on acme/shop#1',
      '[decompose]',
      '(claude-opus)',
      'arch-review',
      '$8.00',
    ])
      expect(told).toContain(part);
    expect(told).toMatch(/\*\*Price\*\* From about \$\d+\.\d\d to at most \$8\.00 \(its limit\)/);
    expect(told).toContain('The tasks are not known before the spec has been split once.');
    expect(town.dispatches).toEqual([]);
    expect(await town.reactions(comment)).toEqual(['eyes']);
  });

  test('shows the tasks where the latest run split this very spec', async () => {
    const first = await command('/gump plan');
    expect(first).toBeGreaterThan(0);
    const spec = specFromText((await standing()) ?? '', 'acme/shop#1');
    const task = { type: 'task_started', step: 'decompose', index: 1, base: '0'.repeat(40) } as const;
    await putLedger(
      town,
      `issue-${issue}-900`,
      [
        { ...task, task: 'greet' },
        { ...task, task: 'wave' },
      ],
      spec.hash,
    );
    await command('/gump plan');
    expect(await answer()).toContain('greet\nwave');
    expect(await answer()).toContain('with 2 tasks');
  });

  test('says what is wrong with the workflow that is named', async () => {
    await command('/gump plan nosuch');
    expect(await answer()).toContain('there is no workflow `nosuch`');
  });

  async function standing() {
    await command('/gump spec');
    const all = await town.as('acme').request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
      ...{ ...repository, tree_sha: `gump/spec-${issue}`, recursive: '1' },
    });
    const file = all.data.tree.find(({ path: name }) => name?.endsWith('/spec.md'))?.path ?? '';
    return await town.fileAt(`gump/spec-${issue}`, file);
  }
});

describe('/gump budget', () => {
  const run = () => `issue-${issue}-900`;
  const exceeded: Fact = { type: 'budget_exceeded', scope: 'run', kind: 'budget', max: 1, current: 1.5 };

  /** As the run's job finds them. */
  async function orders(past: readonly Event[] = []) {
    const dir = await mkdtemp(path.join(tmpdir(), 'gump-orders-'));
    try {
      const url = `${town.standin.url}/acme/shop.git`;
      const token = town.standin.createJobToken('acme/shop', { contents: 'read' });
      const publisher = await openPublisher({ url, token, dir });
      const found = openOrders({ publisher, run: run(), past, log: () => undefined, gapMs: 10 });
      const heard: Fact[] = [];
      const looked = await found.look();
      const stop = found.listen(async (facts) => void heard.push(...facts));
      await command('/gump budget 70');
      for (let tries = 0; heard.length === 0 && tries < 200; tries++) await sleep(25);
      stop();
      return { looked, heard };
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  test('goes on with a run that had stopped for want of it, under the own name', async () => {
    await putLedger(town, run(), [exceeded, completed(run(), 'fail', 'the budget is used up')]);
    const comment = await command('/gump budget $20');
    expect(town.dispatches[0]?.inputs).toMatchObject({ command: 'resume', 'run-id': run() });
    const fact = { type: 'budget_set', run: run(), max_budget: 20, by: 'wilma', order: String(comment) };
    const { looked, heard } = await orders();
    expect(looked).toEqual([fact]);
    expect(heard).toEqual([{ ...fact, max_budget: 70, order: expect.any(String) }]);
    const { looked: again } = await orders([{ v: 1, seq: 1, ts: '', ...fact } as Event]);
    expect(again.map((one) => 'order' in one && one.order)).not.toContain(String(comment));
  });

  test.each([
    ['less than is spent', '/gump budget 1', () => [exceeded, completed(run(), 'fail')], 'It does not run'],
    [
      'for a run that failed otherwise',
      '/gump budget 9',
      () => [completed(run(), 'fail')],
      'It does not run',
    ],
    ['for a run that asks', '/gump budget 9', () => [paused(run())], 'It does not run'],
    ['for a run that has passed', '/gump budget 9', () => [completed(run(), 'pass')], 'Nothing was set'],
  ] as const)('%s starts nothing', async (_what, body, facts, words) => {
    await putLedger(town, run(), facts());
    await command(body);
    expect(await answer()).toContain(words);
    expect(town.dispatches).toEqual([]);
  });

  test('that is carried out late does not undo a later one', async () => {
    await putLedger(town, run(), []);
    const { comment, event } = await say('/gump budget 5');
    const later = await command('/gump budget 20');
    const fact = { type: 'budget_set', run: run(), max_budget: 20, by: 'wilma', order: String(later) };
    const { looked } = await orders();
    expect(looked).toEqual([fact]);
    await town.handle(event);
    const { looked: again, heard } = await orders([{ v: 1, seq: 1, ts: '', ...fact } as Event]);
    const found = [...again, ...heard].map((one) => 'order' in one && one.order);
    expect(found).not.toContain(String(comment));
  });

  test('is left where the run under way finds it', async () => {
    const comment = await command('/gump run');
    town.standin.updateRun(town.dispatches[0]?.runId ?? 0, { status: 'in_progress', conclusion: null });
    const own = await command('/gump budget 7');
    expect(await answer()).toContain('its job takes that up within half a minute');
    expect(await town.fileAt(`refs/gump/orders/issue-${issue}-${comment}/${own}`, 'order.json')).toBe(
      '{"max_budget":7,"by":"wilma"}\n',
    );
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

  test.each([
    ['that somebody started by hand', ['900', '7-hand'], '7-hand'],
    ['that was commanded since', ['7-hand', '8-review', '900'], '900'],
  ])('/gump resume goes on with the one %s', async (_what, ids, wanted) => {
    for (const [at, id] of ids.entries()) {
      const name = `issue-${issue}-${id}`;
      await putLedger(town, name, [completed(name, 'fail', `the ${at}.`)]);
      passSecond();
    }
    await command('/gump resume');
    expect(town.dispatches[0]?.inputs).toMatchObject({ 'run-id': `issue-${issue}-${wanted}` });
  });

  test('a damaged ledger is told, not taken for none', async () => {
    await putLedger(town, run(), [{ type: 'run_paused', run: run() } as never]);
    await command('/gump report');
    expect(await answer()).toMatch(/There is no report: The ledger of \S+ was not read: line 2/);
  });
});
