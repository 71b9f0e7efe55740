/** What one attempt has spent through the gateway, call by call. */
import { randomBytes } from 'node:crypto';
import type { AccountOrder, Spending } from '../ports/gateway.ts';
import { costOf, type Measured, type ModelFacts } from './price.ts';
import type { Tokens } from './usage.ts';

export interface OpenAccount {
  readonly token: string;
  readonly order: AccountOrder;
  /** Aborted when the account is closed. */
  readonly closed: AbortController;
  readonly inFlight: Set<Promise<void>>;
  total: Spending;
  /** Calls that were forwarded. */
  calls: number;
  isExact: boolean;
  lastProblem: string | null;
  /** The last request of each model whose tokens are known. */
  readonly measured: Map<string, Measured>;
  /** Bookings one after another, so that totals only grow. */
  booking: Promise<void>;
}

export function openAccount(order: AccountOrder): OpenAccount {
  return {
    token: `gump-${randomBytes(24).toString('hex')}`,
    order,
    closed: new AbortController(),
    inFlight: new Set(),
    total: { tokens_in: 0, tokens_out: 0, cost: 0 },
    calls: 0,
    isExact: true,
    lastProblem: null,
    measured: new Map(),
    booking: Promise.resolve(),
  };
}

export interface Paid {
  readonly tokens: Tokens;
  /** Null where the model's price is not known: its tokens count, its money is not known. */
  readonly facts: ModelFacts | null;
  readonly isExact: boolean;
}

/** Settles when the booking is safe. @throws what `onSpent` throws */
export function book(account: OpenAccount, { tokens, facts, isExact }: Paid): Promise<void> {
  const { total } = account;
  const cost = facts === null ? 0 : costOf(tokens, facts);
  account.total = {
    tokens_in: total.tokens_in + tokens.input,
    tokens_out: total.tokens_out + tokens.output,
    cost: Math.round((total.cost + cost) * 1e6) / 1e6,
    ...(total.cost_unknown || facts === null ? { cost_unknown: true } : {}),
  };
  account.isExact &&= isExact && !facts?.isAssumed;
  const booked = account.total;
  const written = account.booking.then(() => account.order.onSpent(booked));
  account.booking = written.catch(() => undefined);
  return written;
}
