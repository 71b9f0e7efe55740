/** What ran beside a step that is replayed, in branches of their own: of its events those that stand for something finished. */
import type { Event, EventOf } from '../events/event.ts';
import { own } from '../own.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import { commitOf } from './attempts.ts';
import { fold } from './evolve.ts';
import { join, locate } from './place.ts';
import { type Cut, cutsIn, isCut, isOfBranch, isWithin, type Moment } from './replay-cuts.ts';
import type { RunState, StepState, Steps } from './state.ts';

/** The events of a run as long as the step in question has lived, and the state behind them. */
export interface Past extends Moment {
  readonly plan: Plan;
}

/** A split or group whose branches run side by side, and the one of them that the replayed step is in. */
export interface Fork {
  readonly path: string;
  readonly node: PlanNode;
  readonly step: StepState;
  readonly inside: string;
}

/** The forks around a step, outermost first. */
export function forksAround({ plan, state }: Past, path: string): readonly Fork[] {
  const frames = locate(plan, state, path)?.frames ?? [];
  const names = path.split('/');
  return names.slice(1).flatMap((inside, index): Fork[] => {
    const around = names.slice(0, index + 1).join('/');
    const place = locate(plan, state, around);
    if (!place?.step || !place.node.step.parallel) return [];
    const { node, step } = place;
    // The validators of a parallel split judge before its tasks begin, and what it gets runs before those.
    if (node.get && inside === 'get') return [];
    const isJudge = frames.some(({ prefix, inputs }) => inputs !== null && prefix === join(around, inside));
    return isJudge && node.step.kind === 'split' ? [] : [{ path: around, node, step, inside }];
  });
}

export interface Branch {
  /** True for the events that are this branch's own. */
  readonly covers: (event: Event, index: number) => boolean;
  readonly keeps: (event: Event, index: number) => boolean;
}

export function besides(past: Past, fork: Fork): readonly Branch[] {
  const names =
    fork.node.step.kind === 'split' ? Object.keys(fork.step.tasks) : fork.node.children.map(nameOf);
  return names.filter((name) => name !== fork.inside).map((name) => beside(past, fork, name));
}

function nameOf({ step }: PlanNode): string {
  return step.name;
}

function beside(past: Past, fork: Fork, name: string): Branch {
  const { path } = fork;
  const begun = startOf(past, fork);
  const at = join(path, name);
  const merged = indexOfMerge(past, fork);
  const life = independentLife(past, fork, name);
  const cuts = life === null ? [] : cutsOfBranch(fork, name, life);
  return {
    covers: (event, index) => index > begun && (isOfBranch(event, path, name) || isWithin(event, at)),
    keeps: (event, index) => {
      if (life === null || index < life.from || index >= life.events.length) return false;
      if (!isOfBranch(event, path, name)) return !cuts.some((cut) => isCut(cut, event, index));
      // Once the replayed branch was merged, every later merge stands on its work.
      return (
        event.type === 'task_started' || (event.type === 'task_merged' && (merged < 0 || index < merged))
      );
    },
  };
}

/** The event with which the present branches of a fork became possible. */
function startOf({ births, events }: Past, { path, node }: Fork): number {
  if (node.step.kind === 'split') return births.get(path)?.at(-1) ?? 0;
  return events.findLastIndex((event) => event.type === 'group_started' && event.step === path);
}

/** Where the branch of the replayed step was merged; -1 where it was not. */
function indexOfMerge(past: Past, fork: Fork): number {
  const begun = startOf(past, fork);
  return past.events.findIndex(
    (event, index) =>
      index > begun && event.type === 'task_merged' && isOfBranch(event, fork.path, fork.inside),
  );
}

/** One go of a branch, with the events and the state at its end. */
interface BranchLife extends Past {
  readonly from: number;
}

/**
 * The newest go of a branch that does not stand on the work of the replayed one. A branch that conflicted begins again
 * on top of what was merged by then.
 */
function independentLife(past: Past, fork: Fork, name: string): BranchLife | null {
  const starts = startsOf(past, fork, name);
  const bases = basesOnReplayed(past, fork);
  const last = starts.findLastIndex((index) => !bases.has(baseOf(past.events[index])));
  const from = starts[last];
  if (from === undefined) return null;
  const next = starts[last + 1];
  if (next === undefined) return { ...past, from };
  const events = past.events.slice(0, next);
  const end = events.findLastIndex(({ type }) => type === 'run_resumed');
  return { ...past, from, events, state: fold(events.slice(0, end)) };
}

function startsOf(past: Past, fork: Fork, name: string): readonly number[] {
  const { path, node } = fork;
  const begun = startOf(past, fork);
  if (node.step.kind !== 'split')
    return (past.births.get(join(path, name)) ?? []).filter((index) => index > begun);
  return past.events.flatMap((event, index) =>
    index > begun && event.type === 'task_started' && isOfBranch(event, path, name) ? [index] : [],
  );
}

/** Commits of the line since the replayed branch came into it. */
function basesOnReplayed(past: Past, fork: Fork): ReadonlySet<string> {
  const [begun, merged] = [startOf(past, fork), indexOfMerge(past, fork)];
  if (merged < 0) return new Set();
  const isMerge = (event: Event): event is EventOf<'task_merged'> =>
    event.type === 'task_merged' && event.step === fork.path;
  const commits = (events: readonly Event[]) => events.filter(isMerge).map(({ commit }) => commit);
  const before = new Set([...commits(past.events.slice(begun, merged)), baseOfFork(fork)]);
  // A branch that changed nothing leaves the line where it was.
  return new Set(commits(past.events.slice(merged)).filter((commit) => !before.has(commit)));
}

function baseOfFork({ step }: Pick<Fork, 'step'>): string {
  return step.attempt ? commitOf(step.attempt) : step.base;
}

function baseOf(event: Event | undefined): string {
  return event && 'base' in event ? event.base : '';
}

function cutsOfBranch({ path, node }: Fork, name: string, life: BranchLife): readonly Cut[] {
  const step = locate(life.plan, life.state, path)?.step;
  if (node.step.kind === 'split') {
    const steps = own(step?.tasks, name)?.steps ?? {};
    return cutsIn(life, { nodes: node.children, steps, prefix: join(path, name) });
  }
  const nodes = node.children.filter((child) => nameOf(child) === name);
  return cutsIn(life, { nodes, steps: step?.steps ?? {}, prefix: path });
}

/** The run's own line, and what stands beside it, in the state that a replay begins with. */
export function commitsOf(
  { plan, state }: World,
  forks: readonly Fork[],
  base: string,
): { readonly head: string; readonly tips: readonly string[] } {
  const now = forks.flatMap(({ path, inside }): Fork[] => {
    const place = locate(plan, state, path);
    return place?.step ? [{ path, inside, node: place.node, step: place.step }] : [];
  });
  const [outermost] = now;
  if (!outermost) return { head: base, tips: [] };
  const head = outermost.step.line ?? baseOfFork(outermost);
  const tips = new Set([base, ...now.flatMap(commitsBeside)]);
  tips.delete(head);
  return { head, tips: [...tips] };
}

interface World {
  readonly plan: Plan;
  readonly state: RunState;
}

/** The commits of the branches beside the replayed one that are not merged. */
function commitsBeside({ node, step, inside }: Fork): readonly string[] {
  const isLoose = (name: string) => name !== inside && !own(step.merges, name)?.commit;
  const tasks = Object.entries(step.tasks).filter(([name]) => isLoose(name));
  const children = node.children.filter((child) => isLoose(nameOf(child)));
  return [
    ...tasks.flatMap(([, task]) => commitsIn(node.children, task.steps)),
    ...commitsIn(children, step.steps),
  ];
}

/** The commits behind steps that have ended, and those on which lines stand. */
function commitsIn(nodes: readonly PlanNode[], steps: Steps): readonly string[] {
  return nodes.flatMap((node) => {
    const step = own(steps, nameOf(node));
    if (!step) return [];
    const tasks = Object.values(step.tasks).flatMap((task) => [
      task.base,
      ...commitsIn(node.children, task.steps),
    ]);
    const children = node.step.kind === 'split' ? [] : node.children;
    const inside = [...tasks, ...commitsIn(node.get ? [node.get] : children, step.steps)];
    return [step.start, step.base, step.line, step.commit, ...inside].filter((commit) => commit !== null);
  });
}
