/** So many calls at once, so many more that wait; what is beyond that is told to come back. */

export interface Gate {
  /** Settles with the way out when it is one's turn; null where too many wait already, or nobody waits any more. */
  enter(signal: AbortSignal): Promise<(() => void) | null>;
}

export function createGate(insideMax: number, waitingMax: number): Gate {
  let inside = 0;
  const waiting = new Set<() => void>();

  function leave(): void {
    inside--;
    const [next] = waiting;
    if (!next) return;
    waiting.delete(next);
    next();
  }

  function way(): () => void {
    inside++;
    let isOut = false;
    return () => {
      if (!isOut) leave();
      isOut = true;
    };
  }

  return {
    enter(signal) {
      if (signal.aborted) return Promise.resolve(null);
      if (inside < insideMax) return Promise.resolve(way());
      if (waiting.size >= waitingMax) return Promise.resolve(null);
      return new Promise((resolve) => {
        const turn = () => {
          signal.removeEventListener('abort', gone);
          resolve(way());
        };
        const gone = () => {
          waiting.delete(turn);
          resolve(null);
        };
        waiting.add(turn);
        signal.addEventListener('abort', gone, { once: true });
      });
    },
  };
}
