/** What can be seen from a step: who ran before it, from the inside out. */
import type { FindCalled } from './called.ts';
import type { Step, Workflow } from './workflow.ts';

export interface Scope {
  readonly step: Step;
  /** Steps that ran before (or around) this one and can be named from here, nearest first. */
  readonly before: readonly Step[];
  /** Steps of the workflow that cannot be named from here, for messages: they run later, or within another. */
  readonly others: readonly Step[];
  /** Steps that run side by side with this one or with one around it: whether they have ended is chance. */
  readonly beside: readonly Step[];
  /** The steps that this one is in, outermost first. */
  readonly around: readonly Step[];
  /** Within the `each` of a split. */
  readonly hasTask: boolean;
  /** The steps of the workflow that ran before or are around, for full paths. */
  readonly roots: readonly Step[];
  readonly called: FindCalled;
}

export interface Scoped {
  readonly step: Step;
  readonly scope: Scope;
}

/** Every step of the workflow with its scope, in the file's order. */
export function everyScope(workflow: Workflow, called: FindCalled): readonly Scoped[] {
  const within = (scoped: Scoped): readonly Scoped[] => [scoped, ...scopesOf(scoped).flatMap(within)];
  return rootScope(workflow, called).flatMap(within);
}

function rootScope(workflow: Workflow, called: FindCalled): readonly Scoped[] {
  const others = everyStep(workflow.steps);
  return workflow.steps.map((step, index) => {
    const earlier = workflow.steps.slice(0, index);
    const roots = [...earlier, step];
    const before = earlier.toReversed();
    return { step, scope: { step, before, others, beside: [], around: [], hasTask: false, roots, called } };
  });
}

/** The steps below a step with their scopes; empty where it has none. Side by side, nobody ran before. */
function scopesOf({ step, scope }: Scoped): readonly Scoped[] {
  const isSplit = step.kind === 'split';
  const children = isSplit ? step.each : step.steps;
  const isSideBySide = step.parallel && !isSplit;
  const around = [...scope.around, step];
  const hasTask = scope.hasTask || isSplit;
  return children.map((child, index) => {
    const earlier = isSideBySide ? [] : children.slice(0, index);
    const siblings = isSideBySide ? children.filter((other) => other !== child) : [];
    const before = [...earlier.toReversed(), step, ...scope.before];
    const beside = [...siblings, ...scope.beside];
    return { step: child, scope: { ...scope, step: child, before, beside, around, hasTask } };
  });
}

function everyStep(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => [step, ...everyStep(step.each), ...everyStep(step.steps)]);
}

/**
 * The step that a full path means (`decompose/task-1/converge`, `build/task-1/converge`, `group/child`, `call/step`);
 * null where none, `unknown` where it leads into a workflow that is not known. A task's name is only known when its split
 * has run, so any is right.
 */
export function stepAtPath(scope: Scope, path: readonly string[]): Step | 'unknown' | null {
  const [first = ''] = path;
  const splits = scope.roots.filter((step) => step.kind === 'split');
  const alias = first === 'build' && splits.length === 1 ? splits[0] : undefined;
  const roots = alias ? [...scope.roots, { ...alias, name: first }] : scope.roots;
  return stepWithin(roots, path, { called: scope.called, below: (group) => visible(scope, group) });
}

interface Looking {
  readonly called: FindCalled;
  /** The children of a group that can be named. */
  readonly below: (group: Step) => readonly Step[];
}

/** The same among the steps of a called workflow, all of which have run. */
export function stepInCalled(
  { steps }: Workflow,
  path: readonly string[],
  called: FindCalled,
): Step | 'unknown' | null {
  return stepWithin(steps, path, { called, below: (group) => group.steps });
}

function stepWithin(
  steps: readonly Step[],
  [name, ...path]: readonly string[],
  looking: Looking,
): Step | 'unknown' | null {
  const step = steps.find((one) => one.name === name);
  if (!step || path.length === 0) return step ?? null;
  if (step.workflow === null || step.kind === 'call' || path[0] !== 'get')
    return stepBelow(step, path, looking);
  return path.length === 1 ? { ...step, kind: 'call' } : behindCall(step, path.slice(1), looking);
}

function stepBelow(step: Step, path: readonly string[], looking: Looking): Step | 'unknown' | null {
  if (step.kind === 'call') return behindCall(step, path, looking);
  if (step.kind === 'split') return path.length > 1 ? stepWithin(step.each, path.slice(1), looking) : null;
  return stepWithin(looking.below(step), path, looking);
}

function behindCall(step: Step, path: readonly string[], { called }: Looking): Step | 'unknown' | null {
  const found = step.workflow === null ? null : called(step.workflow);
  return found ? stepInCalled(found, path, called) : 'unknown';
}

/** The children of a group that ran before, or are around; all where the whole group ran before. */
function visible({ around, step: self }: Scope, group: Step): readonly Step[] {
  const depth = around.indexOf(group);
  if (depth < 0) return group.steps;
  const way = around[depth + 1] ?? self;
  return group.parallel ? [way] : group.steps.slice(0, group.steps.indexOf(way) + 1);
}
