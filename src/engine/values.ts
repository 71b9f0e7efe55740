/** What a name in a template stands for (language.md §3), found from the inside out. */
import { limits } from '../limits.ts';
import type { Plan } from '../plan/plan.ts';
import { cutMiddle } from '../template/cut.ts';
import { own } from './own.ts';
import { type Frame, gateNamed, locate, type Place } from './place.ts';
import type { AttemptState, RunState, StepState } from './state.ts';

/** Text, a diff that has to be read from git, or another template to be rendered at another place. */
export type Value =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'diff'; readonly from: string; readonly to: string }
  | { readonly kind: 'template'; readonly template: string; readonly place: Place };

export interface World {
  readonly plan: Plan;
  readonly state: RunState;
}

/** The value of a name at a place; undefined where it has none (yet). */
export function lookUp(world: World, place: Place, name: string): Value | undefined {
  const given = inputNamed(place, name);
  if (given) return given;
  const value = builtIn(world, place, name) ?? ofStep(world, place, name);
  const isError = value?.kind === 'text' && /(?:^|\.)error$/.test(name);
  return isError ? text(cutMiddle(value.text, errorBytesMaxOf(world.plan))) : value;
}

/** What a prompt may quote of an error, in bytes. */
export function errorBytesMaxOf({ settings }: Plan): number {
  return settings.error_context?.max_error_chars ?? limits.errorContextBytesMax;
}

function inputNamed(place: Place, name: string): Value | undefined {
  for (const frame of place.frames.toReversed()) {
    const template = own(frame.inputs, name);
    if (template !== undefined && frame.caller) return { kind: 'template', template, place: frame.caller };
  }
  return undefined;
}

function builtIn({ plan, state }: World, place: Place, name: string): Value | undefined {
  const [head = '', ...rest] = name.split('.');
  const field = rest.join('.');
  if (name === 'spec') return text(plan.spec.text);
  if (head === 'task') return ofTask(place.frames.at(-1), field);
  if (head === 'run') return ofRun(plan, state, field);
  if (head === 'prev') return ofAttempt(place, place.step?.previous ?? null, field);
  if (name === 'error') return latest(place, name) ?? errorAround({ plan, state }, place);
  if (name === 'attempt' || name === 'diff' || head === 'gate') return latest(place, name);
  return undefined;
}

function ofTask(frame: Frame | undefined, field: string): Value | undefined {
  const task = frame?.task;
  if (!task) return undefined;
  if (field === 'name') return text(task.name);
  if (field === 'description') return text(task.description);
  return field === 'files' ? text((task.files ?? []).join(', ')) : undefined;
}

function ofRun(plan: Plan, state: RunState, field: string): Value | undefined {
  if (field === 'id') return text(plan.run);
  if (field === 'cost') return text(String(state.spent.cost));
  if (field === 'tokens') return text(String(state.spent.tokens_in + state.spent.tokens_out));
  return field === 'duration' ? text(String(Math.round(state.activeMs / 1000))) : undefined;
}

/** Why the round before failed, of the nearest group that has begun again. */
function errorAround(world: World, place: Place): Value | undefined {
  for (const frame of place.frames.toReversed()) {
    if (frame.inputs || frame.prefix === '') return undefined;
    const around = locate(world.plan, world.state, frame.prefix);
    if (around?.node.step.kind === 'group' && around.step?.status === 'running' && around.step.reason)
      return text(around.step.reason);
  }
  return undefined;
}

/** While an attempt has no results of its own yet, those of the one before are the latest. */
function latest(place: Place, name: string): Value | undefined {
  const { attempt, previous } = place.step ?? { attempt: null, previous: null };
  if (name === 'attempt') return text(String(attempt?.number ?? 1));
  return ofAttempt(place, attempt, name) ?? (name === 'diff' ? undefined : ofAttempt(place, previous, name));
}

function ofAttempt(place: Place, attempt: AttemptState | null, name: string): Value | undefined {
  if (!attempt || !place.step) return undefined;
  if (name === 'attempt') return text(String(attempt.number));
  if (name === 'diff')
    return { kind: 'diff', from: place.step.start, to: attempt.end?.commit ?? attempt.base };
  if (name === 'error') return optional(failureOf(attempt));
  if (name.startsWith('gate.')) return ofGate(place, attempt, name.slice('gate.'.length));
  return ofEnd(attempt, name);
}

function ofEnd(attempt: AttemptState, name: string): Value | undefined {
  const end = attempt.end;
  if (name === 'agent') return optional(attempt.agent ?? '');
  if (!end) return undefined;
  if (name === 'output') return text(end.output);
  if (name === 'files') return text(end.stepFiles.join(', '));
  return name === 'session_id' ? text(end.sessionId ?? '') : undefined;
}

function ofGate(place: Place, attempt: AttemptState, name: string): Value | undefined {
  const [gateName = '', field = ''] = name.split('.');
  const label = gateNamed(place.node.gates, gateName)?.label ?? gateName;
  const gate = own(attempt.gates, label);
  if (!gate || gate.status === 'running') return undefined;
  if (field === '') return text(String(gate.status !== 'fail'));
  if (field === 'comments') return text(gate.comments);
  return field === 'error' ? text(gate.status === 'fail' ? gate.reason : '') : undefined;
}

/** Why an attempt failed, for people and prompts; empty where it did not. */
export function failureOf(attempt: AttemptState): string {
  if (attempt.failure) return attempt.failure;
  if (attempt.guard) return attempt.guard.reason;
  if (attempt.end?.error) return attempt.end.error;
  if (attempt.result?.error) return attempt.result.error;
  const failed = Object.entries(attempt.gates).filter(([, gate]) => gate.status === 'fail');
  return failed.map(([name, gate]) => `${name}: ${gate.comments || gate.reason}`).join('\n\n');
}

/** `<step>.<field>` of a step that ran before: a sibling, then each enclosing scope; or by its full path. */
function ofStep(world: World, place: Place, name: string): Value | undefined {
  const slash = name.lastIndexOf('/');
  const dot = name.indexOf('.', slash + 1);
  if (dot < 0) return undefined;
  const target = name.slice(0, dot);
  const found = slash >= 0 ? atPath(world, place, target) : sibling(world, place, target);
  return found?.step ? ofStepField(found, found.step, name.slice(dot + 1)) : undefined;
}

function atPath(world: World, place: Place, shown: string): Place | null {
  const path = realPath(world, shown);
  return isBeside(world, place.path, path) ? null : locate(world.plan, world.state, path);
}

/** In another branch of a fork around: a value must not depend on which of the two is faster. */
function isBeside({ plan, state }: World, from: string, target: string): boolean {
  const names = from.split('/');
  return names.some((name, index) => {
    const fork = names.slice(0, index).join('/');
    const branch = `${fork}/${name}`;
    if (index === 0 || !target.startsWith(`${fork}/`)) return false;
    if (target === branch || target.startsWith(`${branch}/`)) return false;
    return locate(plan, state, fork)?.node.step.parallel === true;
  });
}

/** `build/task-1/converge` as shown and `decompose/greeting/converge` as stored mean the same. */
export function realPath({ plan, state }: World, shown: string): string {
  const [first = '', second = '', ...rest] = shown.split('/');
  const split = first === 'build' && plan.build ? plan.build : first;
  const index = /^task-(\d+)$/.exec(second)?.[1];
  const step = own(state.steps, split);
  const task = index && step && !own(step.tasks, second) ? taskAt(step, Number(index)) : undefined;
  return [split, task ?? second, ...rest].filter((part) => part !== '').join('/');
}

function taskAt(step: StepState, index: number): string | undefined {
  return Object.entries(step.tasks).find(([, task]) => task.index === index)?.[0];
}

function sibling(world: World, place: Place, name: string): Place | null {
  for (const frame of place.frames.toReversed()) {
    if (!frame.nodes.some((node) => node.step.name === name)) continue;
    return locate(world.plan, world.state, frame.prefix === '' ? name : `${frame.prefix}/${name}`);
  }
  return null;
}

function ofStepField(place: Place, step: StepState, field: string): Value | undefined {
  if (field === 'diff')
    return { kind: 'diff', from: step.start, to: step.commit ?? step.attempt?.end?.commit ?? step.start };
  if (field === 'status') return text(step.status);
  if (field === 'cost') return text(String(step.usage.cost));
  if (field === 'turns') return text(String(step.usage.turns));
  if (field === 'tokens_in') return text(String(step.usage.tokens_in));
  if (field === 'tokens_out') return text(String(step.usage.tokens_out));
  if (field === 'duration') return text(String(Math.round(step.durationMs / 1000)));
  return ofAttempt(place, step.attempt, field);
}

function text(value: string): Value {
  return { kind: 'text', text: value };
}

function optional(value: string): Value | undefined {
  return value === '' ? undefined : text(value);
}
