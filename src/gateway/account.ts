/** What one attempt has spent through the gateway, call by call. */
import { randomBytes } from 'node:crypto';
import { limits } from '../limits.ts';
import type { AccountOrder, Spending } from '../ports/gateway.ts';
import { type Failing, noFailing } from './failing.ts';
import { createGate, type Gate } from './gate.ts';
import type { Measured } from './price.ts';
import type { Tokens } from './usage.ts';

export interface OpenAccount {
  readonly token: string;
  readonly order: AccountOrder;
  /** Aborted when the account is closed. */
  readonly closed: AbortController;
  readonly inFlight: Set<Promise<void>>;
  /** Of its own: however many of its calls wait, they are in nobody else's way. */
  readonly gate: Gate;
  total: Spending;
  /** Calls that were forwarded. */
  calls: number;
  isExact: boolean;
  lastProblem: string | null;
  failing: Failing;
  /** The last request of each model whose tokens are known. */
  readonly measured: Map<string, Measured>;
  /** When bytes last moved, and how many calls wait for others. */
  movedAtMs: number;
  waiting: number;
  /** Bookings one after another, so that totals only grow. */
  booking: Promise<void>;
}

export function openAccount(order: AccountOrder): OpenAccount {
  return {
    token: `gump-${randomBytes(24).toString('hex')}`,
    order,
    closed: new AbortController(),
    inFlight: new Set(),
    gate: createGate(limits.gatewayCallsMax, limits.gatewayQueueMax),
    total: { tokens_in: 0, tokens_out: 0, cost: 0 },
    calls: 0,
    isExact: true,
    lastProblem: null,
    failing: noFailing,
    measured: new Map(),
    movedAtMs: 0,
    waiting: 0,
    booking: Promise.resolve(),
  };
}

export function noteMove(account: OpenAccount): void {
  account.movedAtMs = performance.now();
}

/** Waits for what is not its agent's to hasten. */
export async function waitWith<T>(account: OpenAccount, wait: Promise<T>): Promise<T> {
  account.waiting++;
  try {
    return await wait;
  } finally {
    account.waiting--;
    noteMove(account);
  }
}

export function movedAtMs({ waiting, movedAtMs: lastMs }: OpenAccount): number {
  return waiting > 0 ? performance.now() : lastMs;
}

/** Of the models that were called last: each holds a whole request. */
export function measure({ measured }: OpenAccount, model: string, request: Measured): void {
  measured.delete(model);
  measured.set(model, request);
  const [oldest] = measured.keys();
  if (measured.size > limits.measuredModelsMax && oldest !== undefined) measured.delete(oldest);
}

export interface Paid {
  readonly tokens: Tokens;
  /** In USD; null where the model's price is not known: its tokens count, its money is not known. */
  readonly costUsd: number | null;
  readonly isExact: boolean;
}

/** Settles when the booking is safe. @throws what `onSpent` throws */
export function book(account: OpenAccount, { tokens, costUsd, isExact }: Paid): Promise<void> {
  const { total } = account;
  account.total = {
    tokens_in: total.tokens_in + tokens.input,
    tokens_out: total.tokens_out + tokens.output,
    cost: Math.round((total.cost + (costUsd ?? 0)) * 1e6) / 1e6,
    ...(total.cost_unknown || costUsd === null ? { cost_unknown: true } : {}),
  };
  account.isExact &&= isExact;
  const booked = account.total;
  const written = account.booking.then(() => account.order.onSpent(booked));
  account.booking = written.catch(() => undefined);
  return written;
}
