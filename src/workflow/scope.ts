/** What can be seen from a step: who ran before it, from the inside out. Looking a name up does not depend on how many there are. */

import type { FindCalled } from './called.ts';
import { everyStep } from './every-step.ts';
import { positionOf, stepNamed } from './siblings.ts';
import type { Step, Workflow } from './workflow.ts';

export interface Scope {
  readonly step: Step;
  /** The nearest step of this name that ran before (or is around) this one and can be named from here. */
  readonly before: (name: string) => Step | undefined;
  /** The names of all of those, nearest first, for messages. */
  readonly namesBefore: () => readonly string[];
  /** Whether a step of this name runs side by side with this one or one around it: whether it has ended is chance. */
  readonly isBeside: (name: string) => boolean;
  /** Any step of the workflow of this name, for messages: it may run later, or within another. */
  readonly elsewhere: (name: string) => Step | undefined;
  /** The steps that this one is in, outermost first. */
  readonly around: readonly Step[];
  /** Within the `each` of a split. */
  readonly hasTask: boolean;
  /** A step of the workflow itself that ran before or is around, by the first part of a full path. */
  readonly root: (name: string) => Step | undefined;
  readonly called: FindCalled;
}

export interface Scoped {
  readonly step: Step;
  readonly scope: Scope;
}

/** Every step of the workflow with its scope, in the file's order. */
export function everyScope(workflow: Workflow, called: FindCalled): readonly Scoped[] {
  const scoped: Scoped[] = [];
  const elsewhere = lazily(() => byName(everyStep(workflow.steps)));
  const visit = (level: Level): void => {
    for (const [index, step] of level.steps.entries()) {
      const spot = { level, index };
      const shared = { step, called, elsewhere: (name: string) => elsewhere().get(name) };
      scoped.push({ step, scope: { ...shared, ...scopeAt(spot) } });
      const inner = levelBelow(spot, step);
      if (inner.steps.length > 0) visit(inner);
    }
  };
  visit({ steps: workflow.steps, isSideBySide: false, isBody: false, up: null });
  return scoped;
}

/** Steps that stand in one list. */
interface Level {
  readonly steps: readonly Step[];
  readonly isSideBySide: boolean;
  /** The `each` of a split. */
  readonly isBody: boolean;
  /** Where the step stands whose list it is; null for the workflow's own. */
  readonly up: Spot | null;
}

interface Spot {
  readonly level: Level;
  readonly index: number;
}

function levelBelow(up: Spot, step: Step): Level {
  const isBody = step.kind === 'split';
  return { steps: isBody ? step.each : step.steps, isSideBySide: step.parallel && !isBody, isBody, up };
}

type Seen = Pick<Scope, 'before' | 'namesBefore' | 'isBeside' | 'around' | 'hasTask' | 'root'>;

function scopeAt(spot: Spot): Seen {
  /** From the inside out. */
  const spots = [...upwards(spot)];
  const outer = spots.slice(1);
  return {
    before: (name) => firstOf(spots, (one) => before(one, name) ?? owner(one, name)),
    namesBefore: () => spots.flatMap(namesAt),
    isBeside: (name) => spots.some((one) => isBeside(one, name)),
    around: outer.map(stepAt).toReversed(),
    hasTask: spots.some(({ level }) => level.isBody),
    root: (name) => rootOf(spots.at(-1) ?? spot, name),
  };
}

function* upwards(spot: Spot): Generator<Spot> {
  for (let at: Spot | null = spot; at; at = at.level.up) yield at;
}

function firstOf<T>(spots: readonly Spot[], find: (spot: Spot) => T | undefined): T | undefined {
  for (const spot of spots) {
    const found = find(spot);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Side by side, nobody ran before. */
function before({ level, index }: Spot, name: string): Step | undefined {
  const position = level.isSideBySide ? -1 : positionOf(level.steps, name);
  return position >= 0 && position < index ? level.steps[position] : undefined;
}

/** The step whose list it is. */
function owner({ level: { up } }: Spot, name: string): Step | undefined {
  const step = up ? stepAt(up) : undefined;
  return step?.name === name ? step : undefined;
}

function stepAt({ level, index }: Spot): Step {
  const step = level.steps[index];
  if (!step) throw new Error('a spot is one of a step');
  return step;
}

function namesAt({ level, index }: Spot): readonly string[] {
  const earlier = level.isSideBySide ? [] : level.steps.slice(0, index).toReversed();
  return [...earlier, ...(level.up ? [stepAt(level.up)] : [])].map((step) => step.name);
}

function isBeside({ level, index }: Spot, name: string): boolean {
  const position = level.isSideBySide ? positionOf(level.steps, name) : -1;
  return position >= 0 && position !== index;
}

/** The step of that name; `build` is also the only split, as in the trace. */
function rootOf({ level: { steps }, index }: Spot, name: string): Step | undefined {
  const position = positionOf(steps, name);
  if (position >= 0 && position <= index) return steps[position];
  if (name !== 'build') return undefined;
  const splits = steps.slice(0, index + 1).filter((step) => step.kind === 'split');
  return splits.length === 1 ? splits[0] : undefined;
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The first of each name. */
function byName(steps: readonly Step[]): ReadonlyMap<string, Step> {
  return new Map(steps.toReversed().map((step) => [step.name, step]));
}

/**
 * The step that a full path means (`decompose/task-1/converge`, `build/task-1/converge`, `group/child`, `call/step`);
 * null where none, `unknown` where it leads into a workflow that is not known. A task's name is only known when its split
 * has run, so any is right.
 */
export function stepAtPath(scope: Scope, path: readonly string[]): Step | 'unknown' | null {
  const looking = { called: scope.called, below: (group: Step) => visibleIn(scope, group) };
  return stepWithin(scope.root, path, looking);
}

type Find = (name: string) => Step | undefined;

interface Looking {
  readonly called: FindCalled;
  /** Finds the children of a group that can be named. */
  readonly below: (group: Step) => Find;
}

/** The same among the steps of a called workflow, all of which have run. */
export function stepInCalled(
  { steps }: Workflow,
  path: readonly string[],
  called: FindCalled,
): Step | 'unknown' | null {
  const all = (group: Step): Find => among(group.steps);
  return stepWithin(among(steps), path, { called, below: all });
}

function among(steps: readonly Step[]): Find {
  return (name) => stepNamed(steps, name);
}

function stepWithin(
  find: Find,
  [name = '', ...path]: readonly string[],
  looking: Looking,
): Step | 'unknown' | null {
  const step = find(name);
  if (!step || path.length === 0) return step ?? null;
  if (step.workflow === null || step.kind === 'call' || path[0] !== 'get')
    return stepBelow(step, path, looking);
  return path.length === 1 ? { ...step, kind: 'call' } : behindCall(step, path.slice(1), looking);
}

function stepBelow(step: Step, path: readonly string[], looking: Looking): Step | 'unknown' | null {
  if (step.kind === 'call') return behindCall(step, path, looking);
  if (step.kind === 'split')
    return path.length > 1 ? stepWithin(among(step.each), path.slice(1), looking) : null;
  return stepWithin(looking.below(step), path, looking);
}

function behindCall(step: Step, path: readonly string[], { called }: Looking): Step | 'unknown' | null {
  const found = step.workflow === null ? null : called(step.workflow);
  return found ? stepInCalled(found, path, called) : 'unknown';
}

/** The children of a group that ran before, or are around; all where the whole group ran before. */
function visibleIn({ around, step: self }: Scope, group: Step): Find {
  const depth = around.indexOf(group);
  if (depth < 0) return among(group.steps);
  const way = around[depth + 1] ?? self;
  const last = positionOf(group.steps, way.name);
  return (name) => {
    const position = positionOf(group.steps, name);
    const isSeen = group.parallel ? position === last : position <= last;
    return position >= 0 && isSeen ? group.steps[position] : undefined;
  };
}
