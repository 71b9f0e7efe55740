import { expect, test } from 'vitest';
import { createQueue, type Queue } from '../../app/queue.ts';

const limits = { itemsMax: 1_000, bytesMax: 1_000_000, workersMax: 4 };

/** Work that ends when it is told to. */
function gate(queue: Queue, key: string, bytes = 1) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const state = { started: false, taken: false, end: resolve };
  state.taken = queue.add({
    key,
    bytes,
    run: () => {
      state.started = true;
      return promise;
    },
  });
  return state;
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

test('work of one key is done in its order, that of different keys side by side', async () => {
  const queue = createQueue(limits);
  const [first, second, other] = [gate(queue, 'a'), gate(queue, 'a'), gate(queue, 'b')];
  await soon();
  expect([first.started, second.started, other.started]).toEqual([true, false, true]);
  first.end();
  await soon();
  expect(second.started).toBe(true);
  second.end();
  other.end();
  await queue.idle();
  expect(queue.size).toBe(0);
});

test('no more is under way at once than there are workers, and all of it is done in the end', async () => {
  const queue = createQueue({ ...limits, workersMax: 2 });
  let [now, most, done] = [0, 0, 0];
  for (let number = 0; number < 50; number++)
    queue.add({
      key: String(number % 7),
      bytes: 1,
      run: async () => {
        most = Math.max(most, ++now);
        await soon();
        now--;
        done++;
      },
    });
  await queue.idle();
  expect([most, done, queue.size]).toEqual([2, 50, 0]);
});

test('what does not fit is refused, by number and by size, and fits again afterwards', async () => {
  const few = createQueue({ ...limits, itemsMax: 2 });
  const [a, b, c] = [gate(few, 'a'), gate(few, 'b'), gate(few, 'c')];
  expect([a.taken, b.taken, c.taken]).toEqual([true, true, false]);
  a.end();
  b.end();
  await few.idle();
  expect(gate(few, 'c').taken).toBe(true);
  const small = createQueue({ ...limits, bytesMax: 10 });
  const sizes = [gate(small, 'a', 100), gate(small, 'b', 1)];
  // One that is larger than everything allowed has to be done some time.
  expect(sizes.map(({ taken }) => taken)).toEqual([true, false]);
});

test('work that rejects does not hold up what comes behind it', async () => {
  const queue = createQueue(limits);
  let done = false;
  queue.add({ key: 'a', bytes: 1, run: () => Promise.reject(new Error('broken')) });
  queue.add({
    key: 'a',
    bytes: 1,
    run: async () => {
      done = true;
    },
  });
  await queue.idle();
  expect(done).toBe(true);
});
