import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTill, isRefusal } from '../../src/gateway/till.ts';
import type { Purse } from '../../src/ports/gateway.ts';
import { purses } from './purses.ts';

const never = new AbortController().signal;

function wish(callUsd: number | null, left: () => readonly Purse[]) {
  return { callUsd, left, model: 'm', signal: never };
}

describe('the till', () => {
  it('lets a call pass that all purses can pay', async () => {
    const till = createTill();
    const answer = await till.reserve(wish(1, () => purses({ attempt: 1, run: 5 })));
    expect(answer && !isRefusal(answer)).toBe(true);
  });

  it('refuses a call that the smaller purse cannot pay, and says whose it is', async () => {
    const till = createTill();
    expect(await till.reserve(wish(2, () => purses({ attempt: 1, run: 5 })))).toEqual({
      scope: 'attempt',
      path: 'do',
      callUsd: 2,
      leftUsd: 1,
      model: 'm',
    });
    expect(await till.reserve(wish(2, () => purses({ run: 1.5 })))).toMatchObject({
      scope: 'run',
    });
  });

  it('refuses what any purse around it cannot pay, and names the narrowest', async () => {
    const till = createTill();
    const left = () => purses({ attempt: 9, call: 1, run: 9 });
    expect(await till.reserve(wish(2, left))).toMatchObject({ scope: 'call', path: 'called', leftUsd: 1 });
    expect(await till.reserve(wish(2, () => purses({ call: 1, run: 1 })))).toMatchObject({ scope: 'call' });
  });

  it('counts a reservation against the purses that it is paid from, and against no other', async () => {
    const till = createTill();
    const inside = (path: string) =>
      till.reserve(wish(0.8, () => purses({ attempt: 1, call: 1, run: 5 }, path)));
    await inside('called/a');
    let isServed = false;
    const second = inside('called/b').then(() => (isServed = true));
    await new Promise(setImmediate);
    expect(isServed).toBe(false);
    void second;
    const other = createTill();
    await other.reserve(wish(0.8, () => purses({ attempt: 1, run: 5 }, 'a')));
    const beside = await other.reserve(wish(0.8, () => purses({ attempt: 1, run: 5 }, 'b')));
    expect(beside && !isRefusal(beside)).toBe(true);
  });

  it('refuses a call of unknown price where there is a budget, and lets it pass where there is none', async () => {
    const till = createTill();
    expect(await till.reserve(wish(null, () => purses({ run: 9 })))).toMatchObject({
      callUsd: null,
    });
    const free = await till.reserve(wish(null, () => purses({})));
    expect(free && !isRefusal(free)).toBe(true);
  });

  it('lets a call wait for the reservations of others, which may turn out cheaper', async () => {
    const till = createTill();
    let left = 1;
    const purse = () => purses({ run: left });
    const first = await till.reserve(wish(0.8, purse));
    let isServed = false;
    const second = till.reserve(wish(0.8, purse)).then((answer) => {
      isServed = true;
      return answer;
    });
    await Promise.resolve();
    expect(isServed).toBe(false);
    left = 0.9;
    if (first && !isRefusal(first)) first.release();
    const answer = await second;
    expect(answer && !isRefusal(answer)).toBe(true);
  });

  it('refuses a waiting call once what it waited for has used up the money', async () => {
    const till = createTill();
    let left = 1;
    const purse = () => purses({ run: left });
    const first = await till.reserve(wish(0.8, purse));
    const second = till.reserve(wish(0.8, purse));
    left = 0.2;
    if (first && !isRefusal(first)) first.release();
    expect(await second).toMatchObject({ scope: 'run', leftUsd: 0.2 });
  });

  it('forgets a waiting call whose agent has gone away, and serves the next', async () => {
    const till = createTill();
    const purse = () => purses({ run: 1 });
    const first = await till.reserve(wish(1, purse));
    const gone = new AbortController();
    const second = till.reserve({ ...wish(1, purse), signal: gone.signal });
    const third = till.reserve(wish(1, purse));
    gone.abort();
    expect(await second).toBeNull();
    if (first && !isRefusal(first)) first.release();
    const answer = await third;
    expect(answer && !isRefusal(answer)).toBe(true);
  });

  it('holds up nobody who is not paid from what a call waits for', async () => {
    const till = createTill();
    const a = () => purses({ attempt: 1, run: 9 }, 'a');
    const b = () => purses({ attempt: 1, run: 9 }, 'b');
    const first = await till.reserve(wish(0.8, a));
    const second = till.reserve(wish(0.8, a));
    const beside = await till.reserve(wish(0.8, b));
    expect(beside && !isRefusal(beside)).toBe(true);
    if (first && !isRefusal(first)) first.release();
    expect(await second).toMatchObject({ usd: 0.8 });
  });

  it('lets no small call of another pass a large one that waits for their common purse', async () => {
    const till = createTill();
    const order: string[] = [];
    const a = () => purses({ attempt: 9, run: 1 }, 'a');
    const b = () => purses({ attempt: 9, run: 1 }, 'b');
    const first = await till.reserve(wish(0.5, a));
    const large = till.reserve(wish(0.9, a)).then((answer) => {
      order.push('large');
      return answer;
    });
    const small = till.reserve(wish(0.3, b)).then(() => order.push('small'));
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    if (first && !isRefusal(first)) first.release();
    const paid = await large;
    expect(order).toEqual(['large']);
    if (paid && !isRefusal(paid)) paid.release();
    await small;
  });

  it('forgets whoever has gone away wherever they stand, so that their account can be closed', async () => {
    const till = createTill();
    const purse = () => purses({ run: 1 });
    await till.reserve(wish(1, purse));
    void till.reserve(wish(1, purse));
    const gone = new AbortController();
    const other = () => purses({ attempt: 1, run: 1 }, 'other');
    const [mine, later] = [purse, other].map((left) =>
      till.reserve({ ...wish(1, left), signal: gone.signal }),
    );
    gone.abort();
    expect(await Promise.all([mine, later])).toEqual([null, null]);
  });

  it('takes what is no number for money that is not there', async () => {
    const till = createTill();
    const answer = await till.reserve(wish(Number.NaN, () => purses({ run: 1 })));
    expect(answer).toMatchObject({ scope: 'run' });
    expect(await till.reserve(wish(1, () => purses({ run: Number.NaN })))).toMatchObject({ scope: 'run' });
  });

  it('never lets calls pass that together cost more than there is, in any order of coming and ending', async () => {
    const calls = fc.array(
      fc.record({ most: fc.integer({ min: 1, max: 60 }), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
      {
        maxLength: 30,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        calls,
        fc.integer({ min: 0, max: 100 }),
        fc.scheduler(),
        async (wanted, budget, scheduler) => {
          const till = createTill();
          let spent = 0;
          const left = () => purses({ run: budget - spent });
          const all = wanted.map(async ({ most, part }) => {
            const answer = await till.reserve(wish(most, left));
            if (answer === null || isRefusal(answer)) return;
            await scheduler.schedule(Promise.resolve());
            spent += most * part;
            answer.release();
          });
          await scheduler.waitFor(Promise.all(all));
          expect(spent).toBeLessThanOrEqual(budget + 1e-9);
        },
      ),
      { numRuns: 300 },
    );
  });
});
