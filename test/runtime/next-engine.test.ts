import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { only } from '../engine/given.ts';
import { hang, stillOpen } from './fakes.ts';
import { open, rich, simple, team, types } from './given.ts';

test('whichever append fails, the run stops with an error, and the next engine comes to the same result', async () => {
  const plain = open(rich, { agent: team });
  const whole = await plain.run();
  const expected = plain.workspace.files(plain.workspace.branch());
  const appends = (await plain.events()).length;
  let failed = 0;
  for (let nth = 1; nth <= appends; nth++) {
    let count = 0;
    const launched: string[] = [];
    const made = open(rich, {
      agent: (order, tell) => {
        launched.push(`${order.step}#${order.attempt}`);
        return team(order, tell);
      },
      ledger: (inner) => ({
        ...inner,
        append: async (events) => {
          if (++count === nth) throw new Error('disk full');
          await inner.append(events);
        },
      }),
    });
    const before = await made.run().then(
      ({ status }) => status,
      (error: Error) => error.message,
    );
    if (count < nth) break;
    failed++;
    expect(before).toBe('disk full');
    const done = only(await made.events(), 'agent_completed').map(
      ({ step, attempt }) => `${step}#${attempt}`,
    );
    launched.length = 0;
    const state = await made.run();
    expect([nth, state.status]).toEqual([nth, whole.status]);
    expect(made.workspace.files(made.workspace.branch())).toEqual(expected);
    expect(launched.filter((id) => done.includes(id))).toEqual([]);
    made.close();
  }
  expect(failed).toBeGreaterThan(20);
});

test('when the world breaks for one task, the attempts of the others stay open for the next engine', async () => {
  let broken = true;
  const launched: string[] = [];
  const made = open(rich, {
    agent: async (order, tell) => {
      launched.push(`${order.step}#${order.attempt}`);
      if (broken && order.step === 'plan/a/do') return hang(order);
      if (broken && order.step === 'plan/b/do') {
        await sleep(20);
        broken = false;
        throw new Error('git is gone');
      }
      return team(order, tell);
    },
  });
  await expect(made.run()).rejects.toThrow('git is gone');
  expect(only(await made.events(), 'agent_completed').map(({ step }) => step)).toEqual(['plan']);
  expect((await made.run()).status).toBe('pass');
  expect(launched.filter((id) => id === 'plan/a/do#1')).toHaveLength(2);
});

test('the time between two engines is no time of the run', async () => {
  const stop = new AbortController();
  const made = open(simple, {
    agent: (order) => {
      if (stop.signal.aborted) return undefined;
      stop.abort('SIGKILL');
      return hang(order);
    },
    ledger: (inner) => ({
      ...inner,
      // A killed engine says nothing more.
      append: async (events) =>
        stop.signal.aborted &&
        events.some(({ type }) => type === 'agent_killed' || type === 'run_interrupted')
          ? Promise.reject(new Error('dead'))
          : inner.append(events),
    }),
  });
  await expect(made.run({ signal: stop.signal })).rejects.toThrow('dead');
  const lost = await made.events();
  expect(await stillOpen(made)).toEqual(['do#1']);
  const later = open(simple);
  await later.ledger.append(lost.map((event) => ({ ...event, ts: '2026-10-01T00:00:00.000Z' })));
  const state = await later.run();
  expect(state.status).toBe('pass');
  expect(state.activeMs).toBeLessThan(60_000);
  expect(types(await later.events()).slice(lost.length, lost.length + 2)).toEqual([
    'run_resumed',
    'agent_killed',
  ]);
});
