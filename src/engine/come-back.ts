/** Branches that went on elsewhere come back: the events of their own ledgers, as they go behind those of the run's. */
import type { Event, EventOf, Fact } from '../events/event.ts';
import { isOfBranchFact } from './branch-job.ts';
import { fold } from './evolve.ts';

/** The ledger of a branch's job: the run's events up to the moment when its branches went away, and its own behind them. */
export interface BranchLedger {
  readonly branch: string;
  readonly events: readonly Event[];
}

/** The fact by which the run's branches are away; null where they are not, or have come back. */
export function awaySince(events: readonly Event[]): EventOf<'run_fanned_out'> | null {
  if (fold(events).status !== 'away') return null;
  return events.findLast((event) => event.type === 'run_fanned_out') ?? null;
}

/**
 * What goes behind the run's events, numbered on: of each branch what happened in it, in its order, the branches side by
 * side as time tells it. Empty where none is away. A ledger that does not begin as the run's counts as none.
 */
export function comeBack(past: readonly Event[], ledgers: readonly BranchLedger[]): readonly Event[] {
  const away = awaySince(past);
  if (away === null) return [];
  const lives = away.branches.map((branch) => lifeOf(away, branch, ledgers));
  const merged = sideBySide(lives);
  const at = (ts: string, fact: Fact): Event => ({ v: 1, seq: 0, ts, ...fact });
  const { run, ts } = away;
  // With this they are back: whoever comes next does not take them in once more.
  const first = merged[0]?.type === 'run_resumed' ? [] : [at(ts, { type: 'run_resumed', run, reason: back })];
  const notices = lives.flatMap(missing).map((fact) => at(merged.at(-1)?.ts ?? ts, fact));
  return [...first, ...merged, ...notices].map((event, index) => ({
    ...event,
    seq: past.length + index + 1,
  }));
}

/** Why the run is running again, before any engine has taken it up. */
export const back = 'its branches came back';

interface Life {
  readonly branch: string;
  /** Everything behind the moment of leaving; null where nothing came back. */
  readonly events: readonly Event[] | null;
}

function lifeOf(away: EventOf<'run_fanned_out'>, branch: string, ledgers: readonly BranchLedger[]): Life {
  const found = ledgers.find((one) => one.branch === branch);
  const begin = found?.events[away.seq - 1];
  const isOurs = begin?.type === 'run_fanned_out' && begin.ts === away.ts;
  const events = isOurs ? (found?.events.slice(away.seq) ?? []) : [];
  return { branch, events: events.length > 0 ? events : null };
}

/** Why a branch is not done, for people. */
function missing({ branch, events }: Life): readonly Fact[] {
  const left = events?.findLast((event) => event.type === 'branch_left');
  if (left && left.status !== 'open') return [];
  const why =
    events === null
      ? 'nothing of its job came back'
      : (left?.reason ?? 'its job ended before the branch did');
  return [{ type: 'notice', step: branch, message: `${why}; it goes on in the run's own job` }];
}

/** Merged by their times; within a branch the order is its own, whatever its machine's clock says. */
function sideBySide(lives: readonly Life[]): readonly Event[] {
  const periods = lives.flatMap(({ events }, index) => periodsOf(events ?? [], index));
  const isolation = openIsolation(lives);
  const kept = lives.map(({ branch, events }, index) =>
    (events ?? []).flatMap((event): Event[] => {
      if (event.type !== 'run_resumed') return isTold(event, branch) ? [event] : [];
      // Time counts once, however many work: only where nobody was at work does an engine's start begin it anew.
      if (periods.some((period) => isWorking(period, { atMs: msOf(event), index }))) return [];
      // Its budget was the branch's share; the run's own holds again.
      const { max_budget: _, ...resumed } = event;
      return [{ ...resumed, reason: back, ...(isolation && { isolation }) }];
    }),
  );
  return interleave(kept);
}

/** Of the first machine that had no sandbox: starts are left out, and reports must not call the run more isolated than it was. */
function openIsolation(lives: readonly Life[]): EventOf<'run_resumed'>['isolation'] {
  return lives
    .flatMap(({ events }) => events ?? [])
    .flatMap((event) => (event.type === 'run_resumed' ? (event.isolation ?? []) : []))
    .find(({ sandbox }) => sandbox === null);
}

/** How an engine of a branch ended says nothing about the run: a question that it left open is asked again. */
function isTold(event: Event, branch: string): boolean {
  if (event.type === 'run_paused') return false;
  return (event.type === 'notice' && event.step === undefined) || isOfBranchFact(event, branch);
}

interface Period {
  readonly index: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** When an engine of this branch was at work: from its start to the last event before the next one's. */
function periodsOf(events: readonly Event[], index: number): readonly Period[] {
  const starts = events.flatMap((event, at) => (event.type === 'run_resumed' ? [at] : []));
  return starts.map((at, number) => {
    const work = events.slice(at, starts[number + 1]).map(msOf);
    // A branch may have more events than a call may have arguments.
    const toMs = work.reduce((latest, ms) => Math.max(latest, ms), 0);
    return { index, fromMs: work[0] ?? 0, toMs };
  });
}

function isWorking(period: Period, { atMs, index }: { readonly atMs: number; readonly index: number }) {
  if (period.index === index || period.toMs < atMs) return false;
  return period.fromMs < atMs || (period.fromMs === atMs && period.index < index);
}

function interleave(lists: readonly (readonly Event[])[]): readonly Event[] {
  const timed = lists.flatMap((list, index) => {
    let atMs = 0;
    return list.map((event) => {
      atMs = Math.max(atMs, msOf(event));
      return { event, atMs, index };
    });
  });
  // The sort is stable, so each branch keeps its order.
  return timed
    .sort((one, other) => one.atMs - other.atMs || one.index - other.index)
    .map(({ event }) => event);
}

function msOf({ ts }: Event): number {
  return Date.parse(ts);
}
