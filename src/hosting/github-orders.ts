/** What people order of a run while it is under way: refs that the App makes, each taken up once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { explain } from '../errors.ts';
import type { Event, Fact } from '../events/event.ts';
import { runGit } from '../git/git.ts';
import type { Publisher } from '../git/publish.ts';
import { orderFile, ordersRef, parseOrder } from '../github/runs/orders.ts';
import { limits } from '../limits.ts';
import type { GithubRunOptions } from './github-site.ts';

export interface Orders {
  /** The facts of the orders that were not taken up yet, in their order. @throws GumpError `git` */
  look(): Promise<readonly Fact[]>;
  /** Looks again and again until it is stopped; for `executeRun`. */
  listen(tell: (facts: readonly Fact[]) => Promise<void>): () => void;
}

interface OrdersOptions {
  readonly publisher: Publisher;
  readonly run: string;
  readonly past: readonly Event[];
  readonly log: (line: string) => void;
  readonly gapMs?: number;
}

/** What is in force from the first step on: orders given meanwhile, unless whoever resumes says a limit of their own. */
export async function ordersAtOpening(
  orders: Orders,
  { runId, settings, by, command }: Pick<GithubRunOptions, 'runId' | 'settings' | 'by' | 'command'>,
): Promise<readonly Fact[]> {
  const facts = await orders.look();
  const { maxBudgetUsd } = settings;
  if (facts.length === 0 || command === 'run' || maxBudgetUsd === null || runId === null) return facts;
  return [...facts, { type: 'budget_set', run: runId, max_budget: maxBudgetUsd, by, order: null }];
}

export function openOrders({ publisher, run, past, log, gapMs }: OrdersOptions): Orders {
  // Ids of comments only grow: of two orders the later one holds, also where the earlier one was carried out behind it.
  const taken = past
    .flatMap((event) => (event.type === 'budget_set' ? (event.order ?? []) : []))
    .map((id) => Number(id) || 0);
  let newest = taken.reduce((most, id) => Math.max(most, id), 0);
  const prefix = `${ordersRef(run)}/`;

  async function look(): Promise<readonly Fact[]> {
    const refs = await publisher.lsRemote([`${prefix}*`]);
    const fresh = [...refs.keys()]
      .filter((ref) => ref.startsWith(prefix))
      .map((ref) => ref.slice(prefix.length))
      .filter((id) => /^\d{1,15}$/.test(id) && Number(id) > newest)
      .sort((a, b) => Number(a) - Number(b));
    if (fresh.length === 0) return [];
    await publisher.fetch(fresh.map((id) => `+${prefix}${id}:${prefix}${id}`));
    const facts: Fact[] = [];
    for (const id of fresh) {
      const order = parseOrder(await textOf(`${prefix}${id}`));
      if (order)
        facts.push({ type: 'budget_set', run, max_budget: order.maxBudgetUsd, by: order.by, order: id });
      else log(`The order ${prefix}${id} is none that this version knows; it is left out.`);
    }
    newest = Number(fresh.at(-1));
    return facts;
  }

  async function textOf(ref: string): Promise<string> {
    const { gitDir: cwd, env } = publisher;
    const options = { cwd, env, okCodes: [0, 128], outputBytesMax: limits.orderBytesMax };
    const { exitCode, stdout } = await runGit(['cat-file', 'blob', `${ref}:${orderFile}`], options);
    return exitCode === 0 ? stdout.toString('utf8') : '';
  }

  async function follow(tell: (facts: readonly Fact[]) => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await sleep(gapMs ?? limits.ordersGapMs, undefined, { signal, ref: false });
      } catch {
        return;
      }
      try {
        const facts = await look();
        if (facts.length > 0 && !signal.aborted) await tell(facts);
      } catch (error) {
        log(`Orders were not looked for: ${explain(error)}`);
      }
    }
  }

  return {
    look,
    listen(tell) {
      const controller = new AbortController();
      void follow(tell, controller.signal);
      return () => controller.abort();
    },
  };
}
