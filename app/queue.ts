/** Work in the background: one after another for one key, side by side for different ones, and never more than fits. */

export interface QueueLimits {
  /** Pieces of work that may wait or be under way. */
  readonly itemsMax: number;
  /** What they hold in memory, all together. */
  readonly bytesMax: number;
  /** Pieces that are under way at once. */
  readonly workersMax: number;
}

export interface Work {
  readonly key: string;
  /** What it holds in memory while it waits. */
  readonly bytes: number;
  /** Must not reject. */
  readonly run: () => Promise<void>;
}

export interface Queue {
  /** Returns at once; false where there is no room. */
  add(work: Work): boolean;
  /** Settles when nothing is left, what is added meanwhile included. */
  idle(): Promise<void>;
  /** Pieces that wait or are under way. */
  readonly size: number;
}

export function createQueue({ itemsMax, bytesMax, workersMax }: QueueLimits): Queue {
  const lines = new Map<string, Work[]>();
  const ready: Work[] = [];
  const waiting: (() => void)[] = [];
  const book = { items: 0, bytes: 0, working: 0 };

  const start = (): void => {
    while (book.working < workersMax) {
      const work = ready.shift();
      if (!work) return;
      book.working += 1;
      void Promise.resolve()
        .then(work.run)
        .then(...both(() => ended(work)));
    }
  };
  const ended = ({ key, bytes }: Work): void => {
    book.working -= 1;
    book.items -= 1;
    book.bytes -= bytes;
    const line = lines.get(key) ?? [];
    line.shift();
    const [next] = line;
    if (next) ready.push(next);
    else lines.delete(key);
    start();
    if (book.items === 0) for (const settle of waiting.splice(0)) settle();
  };

  return {
    add(work) {
      if (book.items >= itemsMax || (book.items > 0 && book.bytes + work.bytes > bytesMax)) return false;
      book.items += 1;
      book.bytes += work.bytes;
      const line = lines.get(work.key);
      if (line) line.push(work);
      else {
        lines.set(work.key, [work]);
        ready.push(work);
      }
      start();
      return true;
    },
    async idle() {
      while (book.items > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    get size() {
      return book.items;
    },
  };
}

function both(done: () => void): [() => void, () => void] {
  return [done, done];
}
