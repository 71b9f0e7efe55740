/** The port of the model gateway: it holds the keys, meters every call, and refuses what the budget cannot pay. */

/** What has been used so far; tokens in pieces (cached ones count as input), money in USD. */
export interface Spending {
  readonly tokens_in: number;
  readonly tokens_out: number;
  readonly cost: number;
  /** There were calls whose price is not known, so that the money is only part of it. */
  readonly cost_unknown?: true;
}

/** One budget that a call must be paid from, in USD. */
export interface Purse {
  readonly scope: 'attempt' | 'call' | 'run';
  /** State path of what has the budget: the attempt's step, a call of a workflow, or empty for the run. */
  readonly path: string;
  /** With everything subtracted that has been booked. */
  readonly leftUsd: number;
}

/** Why a call was not forwarded: the money does not suffice. */
export interface Refusal {
  /** The purse that it was too much for: the narrowest of them. */
  readonly scope: Purse['scope'];
  readonly path: string;
  /** The most that the call could have cost, in USD; null where the model's price is not known. */
  readonly callUsd: number | null;
  readonly leftUsd: number;
  readonly model: string;
}

/** The service did not accept our key; or so many calls have failed one after another, the last of them for that reason. */
export type Hopeless =
  | { readonly kind: 'key'; readonly upstream: string; readonly status: number }
  | { readonly kind: 'calls'; readonly upstream: string; readonly count: number; readonly problem: string };

export interface AccountOrder {
  /** The budgets around the attempt, the narrowest first; empty: unlimited. */
  readonly left: () => readonly Purse[];
  /** Called before each call that is forwarded, with how many there were, this one included. */
  readonly onCall: (count: number) => Promise<void>;
  /** Called behind each call that was paid, with the account's total; the call's reservation is held until it settles. */
  readonly onSpent: (total: Spending) => Promise<void>;
  /** The call is answered when this has settled. */
  readonly onRefused: (refusal: Refusal) => Promise<void>;
  /** No call will be answered, however often it is tried. */
  readonly onHopeless: (why: Hopeless) => Promise<void>;
}

/** The right of one attempt to call models. */
export interface Account {
  /** Where an upstream is reached, without a slash at its end: `http://127.0.0.1:40123/anthropic`. */
  url(upstream: string): string;
  /** What the agent sends as its key; worth nothing anywhere else, and nothing here after `close`. */
  readonly token: string;
  /** Everything that was booked. */
  total(): Spending & {
    /** False where a call ended without telling what it used, or its price is a careful guess. */
    readonly isExact: boolean;
    /** Why the last call failed that has ended; null where it did not. */
    readonly lastProblem: string | null;
  };
  /**
   * When bytes last moved through it, as `performance.now` tells time; 0 before the first. While a call waits for others
   * (their reservations, a free place) that is the present: nobody can blame its agent.
   */
  movedAtMs(): number;
  /** Ends the calls in flight and settles when what they used has been booked. */
  close(): Promise<void>;
}

export interface Gateway {
  open(order: AccountOrder): Account;
  /** Names of the upstreams that have a key (or need none). */
  upstreams(): readonly string[];
  close(): Promise<void>;
}
