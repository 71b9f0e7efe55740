/** What an attempt uses: counted by the gateway where models are reached through it, else told by the agent's own stream. */
import type { AgentEffect } from '../engine/effect.ts';
import { locate } from '../engine/place.ts';
import { pursesOf } from '../engine/purse.ts';
import { noUsage } from '../engine/state.ts';
import type { Fact, Usage } from '../events/event.ts';
import { limits } from '../limits.ts';
import { own } from '../own.ts';
import type { AgentAdapter, AgentEnd, AgentEvent, ModelAccess } from '../ports/agent.ts';
import type { Account, Gateway, Hopeless, Refusal, Spending } from '../ports/gateway.ts';
import type { Stage } from './dependencies.ts';
import { reportBreach, reportUsage } from './report-usage.ts';

export interface Meter {
  /** How models are reached; absent: the agent's own login. */
  readonly models?: ModelAccess;
  hear(event: AgentEvent): Promise<void>;
  /** When bytes of a model's answer last came, as `performance.now` tells time; 0 where nobody can see them. */
  movedAtMs(): number;
  /** The end with the figures that are booked; settles when nothing more can be used. */
  settle(end: AgentEnd): Promise<AgentEnd>;
}

export async function openMeter(stage: Stage, effect: AgentEffect, adapter: AgentAdapter): Promise<Meter> {
  const { upstream } = adapter;
  const { gateway } = stage;
  if (upstream !== undefined && gateway?.upstreams().includes(upstream))
    return countCalls(stage, effect, adapter, gateway);
  const notice = ownLogin(effect.agent, adapter);
  if (notice !== null) await stage.noticeOnce(effect.path, notice);
  return readStream(stage, effect);
}

/** What is less strict then; null for an agent that calls no models, or of which nobody knows what it costs. */
function ownLogin(agent: string, { upstream, ownLogin: told }: AgentAdapter): string | null {
  if (upstream !== undefined)
    return `${agent} uses its own login, for there is no key for ${upstream}: ${lessStrict.stream}`;
  return told === undefined ? null : `${agent} uses its own login: ${lessStrict[told]}`;
}

const lessStrict = {
  stream:
    'its spending is watched on its stream, so a call that the budget cannot pay is noticed only when it has been made',
  end: 'what it uses is known when its turn ends, as far as it tells, so no budget ends it before; `upstream` in its table of the configuration leads it through the gateway',
} as const;

/** What the program itself tells, it can tell without end; the ledger is read whole. */
function sparing(stage: Stage, effect: AgentEffect): (usage: Usage) => Promise<void> {
  let count = 0;
  return (usage) => {
    count++;
    const isKept = count <= limits.progressReportsMax || count % limits.progressReportsGap === 0;
    return (isKept ? reportUsage : reportBreach)(stage, effect, usage);
  };
}

function readStream(stage: Stage, effect: AgentEffect): Meter {
  const report = sparing(stage, effect);
  let usage: Usage = noUsage;
  return {
    async hear(event) {
      if (event.type !== 'turn' && event.type !== 'usage') return;
      usage =
        event.type === 'turn'
          ? { ...usage, turns: Math.max(usage.turns, event.turn) }
          : { ...event.usage, turns: Math.max(usage.turns, event.usage.turns) };
      await report(usage);
    },
    movedAtMs: () => 0,
    settle: async (end) => end,
  };
}

function countCalls(stage: Stage, effect: AgentEffect, adapter: AgentAdapter, gateway: Gateway): Meter {
  let usage: Usage = noUsage;
  const reportOwn = sparing(stage, effect);
  const report = (more: Partial<Usage>) => {
    usage = { ...usage, ...more, turns: Math.max(usage.turns, more.turns ?? 0) };
    return reportUsage(stage, effect, usage);
  };
  const account = gateway.open({
    left: () => pursesOf(stage.plan, stage.state(), effect.path),
    onCall: async (count) => {
      if (adapter.turns === 'calls') await report({ turns: count });
    },
    onSpent: (total) => report(total),
    onRefused: (refusal) => tellRefusal(stage, effect, refusal),
    onHopeless: (why) => tellHopeless(stage, effect, why),
  });
  return {
    models: { url: account.url, token: account.token },
    movedAtMs: account.movedAtMs,
    async hear(event) {
      if (event.type !== 'turn' || adapter.turns === 'calls') return;
      usage = { ...usage, turns: Math.max(usage.turns, event.turn) };
      await reportOwn(usage);
    },
    async settle(end) {
      await account.close();
      await tellDifferences(stage, effect, { account, end });
      const { isExact: _, lastProblem, ...spent } = account.total();
      const turns = adapter.turns === 'calls' ? usage.turns : Math.max(usage.turns, end.usage.turns);
      const booked = { ...end, usage: { turns, ...spent } };
      if (!adapter.hidesErrors || end.outcome !== 'ok' || lastProblem === null) return booked;
      const error = `the agent reports success, but its last call of a model failed: ${lastProblem}`;
      return { ...booked, outcome: 'error', error };
    },
  };
}

/** A refused call ends its attempt, or the run: the agent would only try again. */
async function tellRefusal(stage: Stage, effect: AgentEffect, refusal: Refusal): Promise<void> {
  await stage.recorder.emitBy(() => {
    const fact = refusalFact(stage, effect, refusal);
    return fact === null ? [] : [fact];
  });
}

/** Programs try again and again, for minutes or without end: the attempt ends instead. */
async function tellHopeless(stage: Stage, { path, attempt }: AgentEffect, why: Hopeless): Promise<void> {
  const reason = `${why.kind}: ${reasonOf(why)}`;
  const fact = { type: 'guard_triggered' as const, step: path, attempt, guard: why.kind, reason };
  await stage.recorder.emitBy((state) =>
    locate(stage.plan, state, path)?.step?.attempt?.guard ? [] : [fact],
  );
}

function reasonOf(why: Hopeless): string {
  if (why.kind === 'key')
    return `${why.upstream} does not accept the key that gump has for it (HTTP ${why.status}); set another one where gump runs`;
  return `the last ${why.count} calls of ${why.upstream} failed, one after another (the last: ${why.problem}), and the agent only repeats them`;
}

/** Null where it has been told already. */
function refusalFact(stage: Stage, { path, attempt }: AgentEffect, refusal: Refusal): Fact | null {
  const { callUsd, leftUsd, model } = refusal;
  const state = stage.state();
  if (refusal.scope !== 'attempt' && callUsd !== null) return excessFact(stage, path, refusal, callUsd);
  if (locate(stage.plan, state, path)?.step?.attempt?.guard) return null;
  const reason =
    callUsd === null
      ? `max_budget: the price of the model ${model || 'that it asked for'} is not known, so none of its calls can be paid from a budget; give its price in ~/.gump/config.toml (on GitHub: gump.toml)`
      : `max_budget: the next call may cost up to $${callUsd.toFixed(2)}, $${Math.max(0, leftUsd).toFixed(2)} are left`;
  return { type: 'guard_triggered', step: path, attempt, guard: 'max_budget', reason };
}

function excessFact(stage: Stage, path: string, refusal: Refusal, callUsd: number): Fact | null {
  const state = stage.state();
  const isTold = refusal.scope === 'run' ? state.exceeded : own(state.overdrawn, refusal.path);
  const purse = pursesOf(stage.plan, state, path).find(
    (one) => one.path === refusal.path && one.scope === refusal.scope,
  );
  if (isTold || !purse) return null;
  const { scope, maxUsd: max, spentUsd: current } = purse;
  const step = scope === 'call' ? { step: purse.path } : {};
  return { type: 'budget_exceeded', scope, ...step, kind: 'budget', max, current, call: callUsd };
}

interface Booked {
  readonly account: Account;
  readonly end: AgentEnd;
}

/** The gateway's figures are booked; where the agent's own differ, a reader should know. */
async function tellDifferences(
  stage: Stage,
  { path, agent }: AgentEffect,
  { account, end }: Booked,
): Promise<void> {
  const total = account.total();
  const { isExact } = total;
  const messages: string[] = [];
  if (!isExact)
    messages.push(
      `part of what ${agent} has cost is estimated: a call broke off, told nothing of what it used, or asked for a model whose price there is known from lists only (the configuration can say it)`,
    );
  // One that tells nothing has nothing to differ by; one that was ended had no time to tell all.
  if (end.outcome === 'ok' && isExact) messages.push(...differences(agent, end, total));
  await stage.recorder.emit(...messages.map((message): Fact => ({ type: 'notice', step: path, message })));
}

/** Input, output and money each by itself: what one has too much, another may have too little. */
function differences(agent: string, { usage, toldCostUsd }: AgentEnd, total: Spending): readonly string[] {
  const { tokens_in, tokens_out } = usage;
  const hasTold = tokens_in + tokens_out > 0;
  const differs = hasTold && (tokens_in !== total.tokens_in || tokens_out !== total.tokens_out);
  const tokens = `${agent} reports ${tokens_in} tokens in and ${tokens_out} out, the gateway has counted and booked ${total.tokens_in} and ${total.tokens_out}`;
  if (toldCostUsd === undefined || total.cost_unknown || !isOtherCost(toldCostUsd, total.cost))
    return differs ? [tokens] : [];
  const cost = `${agent} reports a cost of $${toldCostUsd.toFixed(4)}, the gateway has booked $${total.cost.toFixed(4)}: it counts by other prices`;
  return [...(differs ? [tokens] : []), cost];
}

/** Beyond what rounding makes of many small calls. */
function isOtherCost(toldUsd: number, bookedUsd: number): boolean {
  return Math.abs(toldUsd - bookedUsd) > Math.max(0.0005, bookedUsd * 0.01);
}
