/** Which events of a branch stand for something unfinished, so that a replay does not begin with them. */
import type { Event, Fact } from '../events/event.ts';
import { own } from '../own.ts';
import type { PlanNode } from '../plan/plan.ts';
import { join } from './place.ts';
import type { Births } from './replay.ts';
import type { RunState, StepState, Steps } from './state.ts';

/** Events, the state behind them, and the indexes at which steps began in them or later. */
export interface Moment {
  readonly events: readonly Event[];
  readonly state: RunState;
  readonly births: Births;
}

/** Of a step alone (its end, its pause) or of all that is in it; `from` and `to` are indexes, `to` not among them. */
export interface Cut {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly what: 'all' | 'end' | 'pause';
}

interface Sequence {
  readonly nodes: readonly PlanNode[];
  readonly steps: Steps;
  readonly prefix: string;
}

export function cutsIn(moment: Moment, { nodes, steps, prefix }: Sequence): readonly Cut[] {
  return nodes.flatMap((node) => {
    const step = own(steps, node.step.name);
    return step ? cutsOf(moment, { node, step, path: join(prefix, node.step.name) }) : [];
  });
}

interface Visited {
  readonly node: PlanNode;
  readonly step: StepState;
  readonly path: string;
}

/** A step that has not passed begins anew; one that holds others goes on with those of them that have. */
function cutsOf(moment: Moment, visited: Visited): readonly Cut[] {
  const { node, step, path } = visited;
  const to = moment.events.length;
  const from = birthIn(moment, path);
  const tasks = Object.entries(step.tasks);
  const isPassed = step.status === 'pass' || step.status === 'skipped';
  const children = holdsOthers(node) ? step.steps : {};
  if (!isPassed && tasks.length === 0 && Object.keys(children).length === 0)
    return wholeStep(moment, visited);
  const inside = tasks.map(([task, { steps }]) => ({ steps, prefix: join(path, task) }));
  const sequences = [...inside, { steps: children, prefix: path }];
  return [
    ...(isPassed ? openPause(moment, visited) : [{ path, from, to, what: 'end' } as const]),
    ...goneBranches(moment, visited),
    ...sequences.flatMap((sequence) => cutsIn(moment, { nodes: node.children, ...sequence })),
  ];
}

function holdsOthers({ step: { kind } }: PlanNode): boolean {
  return kind === 'group' || kind === 'call';
}

/** Its attempts; what has passed of the workflow in front of the first one stays, as in a call. */
function wholeStep(moment: Moment, { node, step, path }: Visited): readonly Cut[] {
  const from = birthIn(moment, path);
  const to = moment.events.length;
  if (!node.get || Object.keys(step.steps).length === 0) return [{ path, from, to, what: 'all' }];
  const attempt = moment.events.findIndex(
    (event, index) => index >= from && event.type === 'step_started' && event.step === path,
  );
  const got = cutsIn(moment, { nodes: [node.get], steps: step.steps, prefix: path });
  const end: Cut = { path, from, to, what: 'end' };
  return [...got, attempt < 0 ? end : { path, from: attempt, to, what: 'all' }];
}

function birthIn({ births, events }: Moment, path: string): number {
  return births.get(path)?.findLast((index) => index < events.length) ?? 0;
}

/** Whether a replay asks behind a step is its own matter; a yes stays. */
function openPause({ events }: Moment, { step, path }: Visited): readonly Cut[] {
  if (step.pause === null || step.pause.approved) return [];
  const from = events.findLastIndex((event) => event.type === 'hitl_paused' && event.step === path);
  return [{ path, from, to: events.length, what: 'pause' }];
}

/** Earlier goes of branches that conflicted and have begun again. */
function goneBranches(moment: Moment, { node, step, path }: Visited): readonly Cut[] {
  if (!node.step.parallel) return [];
  const round = moment.events.findLastIndex((event) => event.type === 'group_started' && event.step === path);
  const from = Math.max(round, birthIn(moment, path));
  const names = [...Object.keys(step.tasks), ...Object.keys(step.steps)];
  return names.map((name) => {
    const at = join(path, name);
    return { path: at, from, to: startOfBranch(moment, path, name), what: 'all' };
  });
}

function startOfBranch(moment: Moment, path: string, name: string): number {
  const task = moment.events.findLastIndex(
    (event) => event.type === 'task_started' && isOfBranch(event, path, name),
  );
  return task < 0 ? birthIn(moment, join(path, name)) : task;
}

const ends = ['step_completed', 'task_conflict'];
const pauses = ['hitl_paused', 'hitl_resumed'];

export function isCut({ path, from, to, what }: Cut, event: Event, index: number): boolean {
  if (index < from || index >= to) return false;
  if (what === 'all') return isWithin(event, path);
  return stepOf(event) === path && (what === 'end' ? ends : pauses).includes(event.type);
}

/** True for what a split or group says of one of its branches: that it begins, is merged, or conflicts. */
export function isOfBranch(event: Fact, path: string, name: string): boolean {
  const { type } = event;
  const isFork = type === 'task_started' || type === 'task_merged' || type === 'task_conflict';
  return isFork && event.step === path && event.task === name;
}

export function isWithin(event: Fact, path: string): boolean {
  const step = stepOf(event);
  return step === path || (step?.startsWith(`${path}/`) ?? false);
}

function stepOf(event: Fact): string | undefined {
  return 'step' in event ? event.step : undefined;
}
