/** The till: what calls in flight may cost is set aside before they are forwarded, so that together they cannot overspend. */
import type { Purse, Refusal } from '../ports/gateway.ts';

/** What was set aside for one call; to be given back when the call has been booked. */
export interface Reservation {
  release(): void;
}

export interface Wish {
  /** All of them must suffice. Reservations count against every purse that they are to be paid from. */
  readonly left: () => readonly Purse[];
  /** The most that the call can cost, in USD; null where its price is not known. */
  readonly callUsd: number | null;
  readonly model: string;
  /** Aborted when nobody waits for the call any more. */
  readonly signal: AbortSignal;
}

export interface Till {
  /** Settles when the call may be forwarded, or with why it may not; null when nobody waits any more. */
  reserve(wish: Wish): Promise<Reservation | Refusal | null>;
}

export function isRefusal(answer: Reservation | Refusal): answer is Refusal {
  return 'scope' in answer;
}

interface Held {
  readonly purses: ReadonlySet<string>;
  readonly usd: number;
}

type Verdict = 'pay' | 'wait' | Refusal;

export function createTill(): Till {
  const held = new Set<Held>();
  const queue: { readonly ask: () => boolean }[] = [];

  /** In the order of arrival; who cannot be paid yet lets nobody pass: a large call would wait for ever otherwise. */
  function serve(): void {
    while (queue[0]?.ask()) queue.shift();
  }

  function hold({ left, callUsd }: Wish): Reservation {
    const one = { purses: new Set(left().map(nameOf)), usd: callUsd ?? 0 };
    held.add(one);
    return {
      release() {
        if (held.delete(one)) serve();
      },
    };
  }

  return {
    reserve: (wish) =>
      new Promise((resolve) => {
        const ask = (): boolean => {
          if (wish.signal.aborted) {
            resolve(null);
            return true;
          }
          const verdict = judge(wish, held);
          if (verdict === 'wait') return false;
          resolve(verdict === 'pay' ? hold(wish) : verdict);
          return true;
        };
        queue.push({ ask });
        wish.signal.addEventListener('abort', serve, { once: true });
        serve();
      }),
  };
}

/** Pure: the purses are asked for what is left, the reservations are subtracted. */
function judge({ left, callUsd, model }: Wish, held: ReadonlySet<Held>): Verdict {
  let verdict: Verdict = 'pay';
  for (const purse of left()) {
    const { scope, path, leftUsd } = purse;
    // Without a price nothing can be promised, so a budget lets nothing pass.
    if (callUsd === null || callUsd > leftUsd) return { scope, path, callUsd, leftUsd, model };
    if (callUsd > leftUsd - heldFrom(purse, held)) verdict = 'wait';
  }
  return verdict;
}

function heldFrom(purse: Purse, held: ReadonlySet<Held>): number {
  const name = nameOf(purse);
  return [...held].reduce((total, { purses, usd }) => (purses.has(name) ? total + usd : total), 0);
}

/** An attempt and a call may have the same path: a step may be named like the gate that judges it. */
function nameOf({ scope, path }: Purse): string {
  return `${scope} ${path}`;
}
