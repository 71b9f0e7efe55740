/** Lets so many through in any minute and makes the rest wait, in order. */

export interface Pace {
  /** Settles when one more may go. */
  next(): Promise<void>;
}

/** @param perMinuteMax from 1. */
export function createPace(perMinuteMax: number): Pace {
  const passedAtMs: number[] = [];
  let turn: Promise<void> = Promise.resolve();
  const pass = async (): Promise<void> => {
    const oldest = passedAtMs.length < perMinuteMax ? undefined : passedAtMs.shift();
    const waitMs = oldest === undefined ? 0 : oldest + 60_000 - Date.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    passedAtMs.push(Date.now());
  };
  return {
    next() {
      turn = turn.then(pass);
      return turn;
    },
  };
}
