/** At most `width` jobs at once, the others wait in order. A job's failure is its own. */
export function createTurns(width: number): <T>(job: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (job) => {
    if (running >= width) await new Promise<void>((go) => waiting.push(go));
    else running += 1;
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      // The place is handed on, so the number of those who run stays the same.
      if (next) next();
      else running -= 1;
    }
  };
}
