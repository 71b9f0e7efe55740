import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { passSecond } from '../../standin/state.ts';
import type { RepositoryEvent } from '../../standin/world.ts';
import { hostName } from './host.ts';
import { mortal } from './mortal.ts';
import { openTown, repository, type Town } from './town.ts';

let town: Town;
let issue: number;
beforeEach(async () => {
  town = await openTown();
  await labelled();
});
afterEach(async () => {
  expect(town.standin.violations).toEqual([]);
  await town.close();
});

/** The issue of what follows. */
async function labelled(): Promise<void> {
  issue = await town.openIssue('Add a greeting', 'Say hello.');
  await town.as('wilma').request('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
    ...{ ...repository, issue_number: issue, labels: ['gump'] },
  });
  await town.handle(town.last('issues', 'labeled'), {});
}

const status = async () => {
  const found = (await town.comments(issue)).find(({ body }) => body.includes('gump:status'));
  if (!found) throw new Error('there is no status comment');
  return found;
};

/** As a person does on the page. */
async function tick(login: 'wilma' | 'rudi', verb: string) {
  const { id, body } = await status();
  const ticked = body.replace(new RegExp(`^- \\[ \\] (.*gump:box ${verb} )`, 'm'), '- [x] $1');
  expect(ticked).not.toBe(body);
  // Nobody but writers can edit it; that somebody has lost the right since is what the handler has to see.
  await town.as('wilma').request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    ...{ ...repository, comment_id: id, body: ticked },
  });
  const event = town.last('issue_comment', 'edited');
  const user = town.standin.state.users.get(login);
  const sender = { login, id: user?.id, type: 'User' };
  return { ...event, payload: { ...event.payload, sender } };
}

const acts = async () => (await town.comments(issue)).filter(({ body }) => body.startsWith('<!-- gump:act'));

describe('a box of the status comment', () => {
  test('that is ticked starts one run, however often GitHub tells of it, and is cleared', async () => {
    const event = await tick('wilma', 'run');
    await Promise.all([town.handle(event), town.handle(event)]);
    await town.handle(event);
    expect(town.dispatches).toHaveLength(1);
    const [act, ...others] = await acts();
    expect(others).toEqual([]);
    expect(act?.body).toContain('`wilma` ticked a box: `/gump run`');
    expect(town.dispatches[0]?.inputs).toMatchObject({
      command: 'run',
      'run-id': `issue-${issue}-${act?.id}`,
    });
    expect((await town.reactions(act?.id ?? 0)).toSorted()).toEqual(['eyes', 'rocket']);
    expect((await status()).body).not.toContain('[x]');
  });

  test('is one run whenever whoever handles it dies, and whoever dies leaves a trace', async () => {
    Object.assign(town.standin.limits, { contentWritesPerMinute: 10_000, contentWritesPerHour: 10_000 });
    let total = Number.POSITIVE_INFINITY;
    for (let survived = 0; survived < total; survived++) {
      await labelled();
      const event = await tick('wilma', 'run');
      const before = town.dispatches.length;
      const dying = mortal(town.app.client, survived);
      await town.handle(event, { client: dying.client, claims: new Set() }).catch(() => undefined);
      if (!dying.died()) total = survived;
      const isTicked = (await status()).body.includes('[x]');
      expect(isTicked || (await acts()).length === 1, `behind ${survived} requests`).toBe(true);
      await town.handle(event, { config: town.config({ takeoverAfterMs: 0 }) });
      const runs = town.dispatches.slice(before).map(({ inputs }) => inputs['run-id']);
      expect(new Set(runs).size, `behind ${survived} requests`).toBe(1);
      expect(runs.length).toBeLessThanOrEqual(dying.dispatched() ? 2 : 1);
      expect(await acts()).toHaveLength(1);
      expect((await status()).body).not.toContain('[x]');
    }
    expect(total).toBeGreaterThan(12);
  }, 240_000);

  test('and is told late does what it says while it stays ticked, and else its person is told', async () => {
    const late = (event: RepositoryEvent, updated_at: string): RepositoryEvent => {
      const comment = { ...(event.payload.comment as object), updated_at };
      return { ...event, payload: { ...event.payload, comment } };
    };
    const event = late(await tick('wilma', 'run'), '2026-11-20T10:00:00Z');
    const { id, body } = await status();
    await town.as('wilma').request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
      ...{ ...repository, comment_id: id, body: body.replaceAll('[x]', '[ ]') },
    });
    for (let delivery = 0; delivery < 2; delivery++) expect((await town.handle(event)).done).toBe('replied');
    expect(town.dispatches).toEqual([]);
    const told = (await town.comments(issue)).filter(({ body }) => body.includes('Tick it again'));
    expect(told).toHaveLength(1);
    expect((await town.handle(late(await tick('wilma', 'run'), '2026-11-20T10:00:01Z'))).done).toBe(
      'dispatched',
    );
    expect(town.dispatches).toHaveLength(1);
  });

  test('can be ticked again', async () => {
    await town.handle(await tick('wilma', 'run'));
    passSecond();
    await town.handle(await tick('wilma', 'run'));
    expect(town.dispatches).toHaveLength(2);
  });

  test('that somebody without the right ticks starts nothing and is cleared', async () => {
    await town.handle(await tick('rudi', 'run'));
    expect(town.dispatches).toEqual([]);
    expect(await acts()).toEqual([]);
    expect((await status()).body).not.toContain('[x]');
    expect((await town.comments(issue)).at(-1)?.body).toContain('a command needs write permission');
  });
});

describe.runIf(hostName() === 'app')('a button of a check', () => {
  test('that is pressed does what it says, once for each press', async () => {
    await town.handle(await tick('wilma', 'run'));
    const run = String(town.dispatches[0]?.inputs['run-id']);
    const head = await town.head('heads/main');
    const check = await town.app.client.request('POST /repos/{owner}/{repo}/check-runs', {
      ...{
        ...repository,
        name: 'gump',
        head_sha: head ?? '',
        external_id: `${run}/gump`,
        status: 'in_progress',
      },
      actions: [{ label: 'Stop', description: 'Stops the run under way', identifier: 'gump-stop' }],
    });
    const event = {
      ...town.last('issue_comment', 'edited'),
      ...{ event: 'check_run', action: 'requested_action', actor: 'wilma' },
      payload: { check_run: check.data, requested_action: { identifier: 'gump-stop' } },
    };
    passSecond();
    await town.handle(event);
    expect(town.dispatches[0]?.signal.aborted).toBe(true);
    expect((await acts()).at(-1)?.body).toContain('`wilma` pressed a button: `/gump stop`');
    await town.handle(event);
    expect((await town.comments(issue)).at(-1)?.body).toContain('Nothing was stopped');
    const pressed = (await acts()).length;
    await town.app.client.request('PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', {
      ...{ ...repository, check_run_id: check.data.id, status: 'completed', conclusion: 'cancelled' },
    });
    expect((await town.handle(event)).detail).toContain('moved on since');
    expect(await acts()).toHaveLength(pressed);
  });
});
