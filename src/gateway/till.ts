/** The till: what calls in flight may cost is set aside before they are forwarded, so that together they cannot overspend. */
import type { Purse, Refusal } from '../ports/gateway.ts';

/** What was set aside for one call; to be given back when the call has been booked. */
export interface Reservation {
  release(): void;
}

export interface Wish {
  /** Whose attempt it is: reservations of one account count against its own limit too. */
  readonly account: object;
  readonly left: () => Purse;
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
  readonly account: object;
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

  function hold({ account, callUsd }: Wish): Reservation {
    const one = { account, usd: callUsd ?? 0 };
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
function judge({ account, left, callUsd, model }: Wish, held: ReadonlySet<Held>): Verdict {
  const { attemptUsd, runUsd } = left();
  const reserved = [...held];
  const purses = [
    {
      scope: 'attempt' as const,
      leftUsd: attemptUsd,
      heldUsd: sum(reserved.filter((one) => one.account === account)),
    },
    { scope: 'run' as const, leftUsd: runUsd, heldUsd: sum(reserved) },
  ];
  let verdict: Verdict = 'pay';
  for (const { scope, leftUsd, heldUsd } of purses) {
    if (leftUsd === null) continue;
    // Without a price nothing can be promised, so a budget lets nothing pass.
    if (callUsd === null || callUsd > leftUsd) return { scope, callUsd, leftUsd, model };
    if (callUsd > leftUsd - heldUsd) verdict = 'wait';
  }
  return verdict;
}

function sum(held: readonly Held[]): number {
  return held.reduce((total, { usd }) => total + usd, 0);
}
