/** Work in the background: one after another for one key, side by side for different ones. */

export interface Queue {
  /** Returns at once. The work must not reject. */
  add(key: string, work: () => Promise<void>): void;
  /** Settles when nothing is left, what is added meanwhile included. */
  idle(): Promise<void>;
}

export function createQueue(): Queue {
  const tails = new Map<string, Promise<void>>();
  return {
    add(key, work) {
      const tail = (tails.get(key) ?? Promise.resolve()).then(work, work).finally(() => {
        if (tails.get(key) === tail) tails.delete(key);
      });
      tails.set(key, tail);
    },
    async idle() {
      while (tails.size > 0) await Promise.allSettled(tails.values());
    },
  };
}
