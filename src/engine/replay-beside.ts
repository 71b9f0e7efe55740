/** What ran beside a step that is replayed, in parallel: of its events those that stand for something finished. */
import type { Event } from '../events/event.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import { own } from './own.ts';
import { join, locate } from './place.ts';
import type { Births } from './replay.ts';
import type { RunState, StepState, Steps } from './state.ts';

/** A run as far as the step in question has lived in it. */
export interface Life {
  readonly plan: Plan;
  readonly events: readonly Event[];
  /** Behind all of them. */
  readonly state: RunState;
  readonly births: Births;
}

/** A step whose parts run side by side, and the name of the part that the replayed step is in. */
export interface Parallel {
  readonly path: string;
  readonly node: PlanNode;
  readonly step: StepState;
  readonly inside: string;
}

/** The parallel steps around a path, outermost first. */
export function parallelAround({ plan, state }: Life, path: string): readonly Parallel[] {
  const frames = locate(plan, state, path)?.frames ?? [];
  const names = path.split('/');
  return names.slice(1).flatMap((inside, index): Parallel[] => {
    const around = names.slice(0, index + 1).join('/');
    const place = locate(plan, state, around);
    if (!place?.step || !place.node.step.parallel) return [];
    // The validators of a parallel split judge before its tasks begin.
    const isJudge = frames.some(({ prefix, inputs }) => inputs !== null && prefix === join(around, inside));
    return isJudge ? [] : [{ path: around, node: place.node, step: place.step, inside }];
  });
}

export interface Branch {
  /** True for the events that are this branch's own. */
  readonly covers: (event: Event, index: number) => boolean;
  readonly keeps: (event: Event, index: number) => boolean;
}

export function branchesBeside(life: Life, parallel: Parallel): readonly Branch[] {
  const { path, node, step, inside } = parallel;
  if (node.step.kind === 'split') {
    const names = Object.keys(step.tasks).filter((task) => task !== inside);
    return names.map((task) => taskBeside(life, parallel, task));
  }
  return node.children.flatMap((child) => {
    const at = join(path, child.step.name);
    const from = life.births.get(at);
    if (child.step.name === inside || from === undefined) return [];
    const cuts = cutsIn(life, { nodes: [child], steps: step.steps, prefix: path });
    return [{ covers: (event, index) => index >= from && isWithin(event, at), keeps: keptBy(cuts) }];
  });
}

function taskBeside(life: Life, { path, node, step, inside }: Parallel, task: string): Branch {
  const { events } = life;
  const from = startOfTask(events, path, task);
  const begun = startOfTask(events, path, inside);
  const merged = events.findIndex(
    (event, index) => index > begun && isOfTask(event, path, inside) && event.type === 'task_merged',
  );
  const prefix = join(path, task);
  const cuts = cutsIn(life, { nodes: node.children, steps: own(step.tasks, task)?.steps ?? {}, prefix });
  const isKept = keptBy(cuts);
  return {
    covers: (event, index) => index >= from && (isOfTask(event, path, task) || isBelow(event, prefix)),
    keeps: (event, index) => {
      if (!isOfTask(event, path, task)) return isKept(event, index);
      // Once the replayed task was merged, every later merge stands on its work.
      if (event.type === 'task_merged') return merged < 0 || index < merged;
      return event.type === 'task_started';
    },
  };
}

function startOfTask(events: readonly Event[], split: string, task: string): number {
  return events.findLastIndex((event) => isOfTask(event, split, task) && event.type === 'task_started');
}

/** Events that stand for something unfinished: from an index on, of a step alone or of all below it too. */
interface Cut {
  readonly path: string;
  readonly from: number;
  readonly what: 'all' | 'end' | 'pause';
}

interface Sequence {
  readonly nodes: readonly PlanNode[];
  readonly steps: Steps;
  readonly prefix: string;
}

function cutsIn(life: Life, { nodes, steps, prefix }: Sequence): readonly Cut[] {
  return nodes.flatMap((node) => {
    const step = own(steps, node.step.name);
    return step ? cutsOf(life, { node, step, path: join(prefix, node.step.name) }) : [];
  });
}

interface Visited {
  readonly node: PlanNode;
  readonly step: StepState;
  readonly path: string;
}

/** A step that has not passed begins anew; one that holds others goes on with those that have. */
function cutsOf(life: Life, { node, step, path }: Visited): readonly Cut[] {
  const { births, events } = life;
  if (step.status === 'pass' || step.status === 'skipped') {
    if (step.pause === null || step.pause.approved) return [];
    const from = events.findLastIndex((event) => event.type === 'hitl_paused' && event.step === path);
    return [{ path, from, what: 'pause' }];
  }
  const from = births.get(path) ?? 0;
  const tasks = Object.entries(step.tasks);
  if (tasks.length === 0 && Object.keys(step.steps).length === 0) return [{ path, from, what: 'all' }];
  const inside = tasks.map(([task, { steps }]) => ({ steps, prefix: join(path, task) }));
  const sequences = [...inside, { steps: step.steps, prefix: path }];
  return [
    { path, from, what: 'end' },
    ...sequences.flatMap((sequence) => cutsIn(life, { nodes: node.children, ...sequence })),
  ];
}

function keptBy(cuts: readonly Cut[]): Branch['keeps'] {
  return (event, index) => !cuts.some((cut) => index >= cut.from && isCut(event, cut));
}

const ends = ['step_completed', 'task_conflict'];
const pauses = ['hitl_paused', 'hitl_resumed'];

function isCut(event: Event, { path, what }: Cut): boolean {
  if (what === 'all') return isWithin(event, path);
  return stepOf(event) === path && (what === 'end' ? ends : pauses).includes(event.type);
}

/** The commits of the parts beside the replayed one that are not merged. */
export function commitsBeside({ node, step, inside }: Parallel): readonly string[] {
  if (node.step.kind !== 'split') return commitsIn(node.children, step.steps);
  const parts = Object.entries(step.tasks).filter(([name, { merged }]) => name !== inside && merged === null);
  return parts.flatMap(([, { steps }]) => commitsIn(node.children, steps));
}

/** The commits behind steps that have ended. */
function commitsIn(nodes: readonly PlanNode[], steps: Steps): readonly string[] {
  return nodes.flatMap((node) => {
    const step = own(steps, node.step.name);
    if (!step) return [];
    const tasks = Object.values(step.tasks).flatMap((task) => commitsIn(node.children, task.steps));
    const inside = [...tasks, ...commitsIn(node.children, step.steps)];
    return step.commit === null ? inside : [...inside, step.commit];
  });
}

function stepOf(event: Event): string | undefined {
  return 'step' in event ? event.step : undefined;
}

function isOfTask(event: Event, split: string, task: string): boolean {
  return (
    'task' in event && 'step' in event && !('attempt' in event) && event.step === split && event.task === task
  );
}

function isWithin(event: Event, path: string): boolean {
  return stepOf(event) === path || isBelow(event, path);
}

function isBelow(event: Event, path: string): boolean {
  return stepOf(event)?.startsWith(`${path}/`) ?? false;
}
