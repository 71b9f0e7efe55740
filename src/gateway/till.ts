/** The till: what calls in flight may cost is set aside before they are forwarded, so that together they cannot overspend. */
import type { Purse, Refusal } from '../ports/gateway.ts';

/** What was set aside for one call; to be given back when the call has been booked. */
export interface Reservation {
  /** In USD; null where the call's price is not known. */
  readonly usd: number | null;
  release(): void;
}

export interface Wish {
  /**
   * All of them must suffice. Reservations count against every purse that they are to be paid from. Wishes with the same
   * function stand in one line.
   */
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

/** One that waits; `number` says when it came. */
interface Waiting {
  readonly number: number;
  readonly wish: Wish;
  readonly settle: (answer: Reservation | Refusal | null) => void;
}

type Line = Set<Waiting>;

export function createTill(): Till {
  const held = new Set<Held>();
  /** By whose money it is: all in a line are paid from the same purses, so only the first of each can be next. */
  const lines = new Map<Wish['left'], Line>();
  let count = 0;

  /**
   * In the order of arrival. Who cannot be paid yet lets nobody pass who is paid from a purse that it waits for: a large call
   * would wait for ever otherwise. Others do not wait for it.
   */
  function serve(): void {
    const awaited = new Set<string>();
    const stopped = new Set<Line>();
    for (let first = firstOf(stopped); first; first = firstOf(stopped)) {
      const { line, waiting } = first;
      const verdict = judge(waiting.wish, held, awaited);
      if ('waitsFor' in verdict) {
        for (const name of verdict.waitsFor) awaited.add(name);
        stopped.add(line);
        continue;
      }
      takeOut(waiting);
      waiting.settle('scope' in verdict ? verdict : hold(waiting.wish, verdict.purses));
    }
  }

  /** Of those that are first in their lines the one that came first. */
  function firstOf(stopped: ReadonlySet<Line>): { line: Line; waiting: Waiting } | null {
    let first: { line: Line; waiting: Waiting } | null = null;
    for (const line of lines.values()) {
      const [waiting] = line;
      if (!waiting || stopped.has(line)) continue;
      if (first === null || waiting.number < first.waiting.number) first = { line, waiting };
    }
    return first;
  }

  function takeOut(waiting: Waiting): void {
    const { left } = waiting.wish;
    const line = lines.get(left);
    line?.delete(waiting);
    if (line?.size === 0) lines.delete(left);
  }

  function hold({ callUsd }: Wish, purses: ReadonlySet<string>): Reservation {
    const one = { purses, usd: callUsd ?? 0 };
    held.add(one);
    return {
      usd: callUsd,
      release() {
        if (held.delete(one)) serve();
      },
    };
  }

  return {
    reserve: (wish) =>
      new Promise((settle) => {
        if (wish.signal.aborted) return settle(null);
        const waiting = { number: count++, wish, settle };
        const line = lines.get(wish.left) ?? new Set();
        lines.set(wish.left, line.add(waiting));
        const leave = () => {
          takeOut(waiting);
          settle(null);
          serve();
        };
        wish.signal.addEventListener('abort', leave, { once: true });
        serve();
      }),
  };
}

type Verdict = { readonly purses: ReadonlySet<string> } | { readonly waitsFor: readonly string[] } | Refusal;

/** Pure: the purses are asked for what is left, the reservations are subtracted; `awaited` are those that somebody waits for. */
function judge(
  { left, callUsd, model }: Wish,
  held: ReadonlySet<Held>,
  awaited: ReadonlySet<string>,
): Verdict {
  const purses = left();
  for (const { scope, path, leftUsd } of purses) {
    // Without a price nothing can be promised, so a budget lets nothing pass. What is no number is no money either.
    if (callUsd === null || !(callUsd <= leftUsd)) return { scope, path, callUsd, leftUsd, model };
  }
  const short = purses.filter((purse) => (callUsd ?? 0) > purse.leftUsd - heldFrom(purse, held));
  const waitsFor = [...short.map(nameOf), ...purses.map(nameOf).filter((name) => awaited.has(name))];
  return waitsFor.length > 0 ? { waitsFor } : { purses: new Set(purses.map(nameOf)) };
}

function heldFrom(purse: Purse, held: ReadonlySet<Held>): number {
  const name = nameOf(purse);
  return [...held].reduce((total, { purses, usd }) => (purses.has(name) ? total + usd : total), 0);
}

/** An attempt and a call may have the same path: a step may be named like the gate that judges it. */
function nameOf({ scope, path }: Purse): string {
  return `${scope} ${path}`;
}
