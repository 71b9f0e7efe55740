/** What can be seen from a step: who ran before it, from the inside out. */
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
}

interface Scoped {
  readonly step: Step;
  readonly scope: Scope;
}

/** The workflow's own steps with their scopes. */
export function rootScope(workflow: Workflow): readonly Scoped[] {
  const others = everyStep(workflow.steps);
  return workflow.steps.map((step, index) => {
    const earlier = workflow.steps.slice(0, index);
    const roots = [...earlier, step];
    const before = earlier.toReversed();
    return { step, scope: { step, before, others, beside: [], around: [], hasTask: false, roots } };
  });
}

/** The steps below a step with their scopes; empty where it has none. Side by side, nobody ran before. */
export function scopesOf({ step, scope }: Scoped): readonly Scoped[] {
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
 * The step that a full path means (`decompose/task-1/converge`, `build/task-1/converge`, `group/child`); null where none.
 * A task's name is only known when its split has run, so any is right.
 */
export function stepAtPath(scope: Scope, path: readonly string[]): Step | null {
  const [first = '', ...rest] = path;
  const splits = scope.roots.filter((step) => step.kind === 'split');
  const alias = first === 'build' && splits.length === 1 ? splits[0] : undefined;
  let step = scope.roots.find((root) => root.name === first) ?? alias ?? null;
  let left: readonly string[] = rest;
  while (step && left.length > 0) {
    const isSplit: boolean = step.kind === 'split';
    const [name] = isSplit ? left.slice(1) : left;
    const children: readonly Step[] = isSplit ? step.each : visible(scope, step);
    step = children.find((child) => child.name === name) ?? null;
    left = left.slice(isSplit ? 2 : 1);
  }
  return step;
}

/** The children of a group that ran before, or are around; all where the whole group ran before. */
function visible({ around, step: self }: Scope, group: Step): readonly Step[] {
  const depth = around.indexOf(group);
  if (depth < 0) return group.steps;
  const way = around[depth + 1] ?? self;
  return group.parallel ? [way] : group.steps.slice(0, group.steps.indexOf(way) + 1);
}
