/** What a name in a template stands for (language.md §3), found from the inside out. */
import { limits } from '../limits.ts';
import { own } from '../own.ts';
import type { Plan } from '../plan/plan.ts';
import { cutMiddle } from '../template/cut.ts';
import { type Frame, gateNamed, join, locate, type Place } from './place.ts';
import { type AttemptState, addUsage, noUsage, type RunState, type StepState, type Steps } from './state.ts';

/** Text, what has to be read from git (a diff, the paths in it), or another template to be rendered at another place. */
export type Value =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'diff' | 'files'; readonly from: string; readonly to: string }
  | { readonly kind: 'template'; readonly template: string; readonly place: Place };

export interface World {
  readonly plan: Plan;
  readonly state: RunState;
}

/** The value of a name at a place; undefined where it has none (yet). */
export function lookUp(world: World, place: Place, name: string): Value | undefined {
  const given = inputNamed(world, place, name);
  if (given) return given;
  const value = builtIn(world, place, name) ?? ofStep(world, place, name);
  const isError = value?.kind === 'text' && /(?:^|\.)error$/.test(name);
  return isError ? text(cutMiddle(value.text, errorBytesMaxOf(world.plan))) : value;
}

/** What a prompt may quote of an error, in bytes. */
export function errorBytesMaxOf({ settings }: Plan): number {
  return settings.error_context?.max_error_chars ?? limits.errorContextBytesMax;
}

function inputNamed({ plan }: World, place: Place, name: string): Value | undefined {
  for (const frame of place.frames.toReversed()) {
    const template = own(frame.inputs, name);
    if (template !== undefined && frame.caller) return { kind: 'template', template, place: frame.caller };
  }
  // What the run itself was given is text, whatever braces are in it.
  const given = own(plan.settings.set, name);
  return given === undefined ? undefined : text(given);
}

function builtIn({ plan, state }: World, place: Place, name: string): Value | undefined {
  const [head = '', ...rest] = name.split('.');
  const field = rest.join('.');
  if (name === 'spec') return text(plan.spec.text);
  if (head === 'task') return ofTask(place.frames.at(-1), field);
  if (head === 'run') return ofRun(plan, state, field);
  if (head === 'prev') return ofAttempt(place, place.step?.previous ?? null, field);
  if (name === 'error') return latest(place, name) ?? optional(errorOfRound({ plan, state }, place));
  if (name === 'diff' && changesNothing(place)) return changeOfRun(plan, place);
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

/** It and its gates look at the tree as it stands: an empty diff would look like a change that is in order. */
function changesNothing({ node, step }: Place): boolean {
  return node.step.kind !== 'code' || step?.attempt?.agent === 'pass';
}

/** What `touched` and `untouched` measure there, too. */
function changeOfRun({ base }: Plan, { step }: Place): Value | undefined {
  const attempt = step?.attempt;
  return attempt ? { kind: 'diff', from: base, to: attempt.end?.commit ?? attempt.base } : undefined;
}

/** Why the round before failed, of the nearest group that has begun again; empty where none has. */
export function errorOfRound(world: World, place: Place): string {
  for (const frame of place.frames.toReversed()) {
    if (frame.inputs || frame.prefix === '') return '';
    const around = locate(world.plan, world.state, frame.prefix);
    if (around?.node.step.kind === 'group' && around.step?.status === 'running' && around.step.reason)
      return around.step.reason;
  }
  return '';
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
  // The key of a called workflow's state may be a path itself.
  const [, target, field] = /^([\w/-]+)\.(state\..+)$/.exec(name) ?? [
    null,
    name.slice(0, dot),
    name.slice(dot + 1),
  ];
  if (dot < 0 || target === undefined || field === undefined) return undefined;
  const found = target.includes('/') ? atPath(world, place, target) : sibling(world, place, target);
  return found?.step ? ofStepField(world, found, found.step, field) : undefined;
}

/** A full path begins at the steps of the workflow that it stands in, else at those of the one that calls it. */
function atPath(world: World, place: Place, shown: string): Place | null {
  for (const frame of place.frames.toReversed()) {
    if (frame.inputs === null && frame.prefix !== '') continue;
    const names = ownNames(frame.states, aliased(frame, shown.split('/'))).join('/');
    const path = join(frame.prefix, names);
    const found = locate(world.plan, world.state, path);
    if (found) return isBeside(world, place.path, path) ? null : found;
  }
  return null;
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
  const [first = '', ...rest] = shown.split('/');
  const split = first === 'build' && plan.build ? plan.build : first;
  return ownNames(state.steps, [split, ...rest]).join('/');
}

/** `build` stands for the only split of a workflow. */
function aliased({ nodes }: Frame, [first = '', ...rest]: readonly string[]): readonly string[] {
  const splits = nodes.filter((node) => node.step.kind === 'split');
  const taken = nodes.some((node) => node.step.name === first);
  const [only, other] = splits;
  return [first === 'build' && !taken && only && !other ? only.step.name : first, ...rest];
}

/** The path with every `task-<n>` that is no task's own name replaced by the name of the n-th task. */
function ownNames(steps: Steps, [name = '', ...path]: readonly string[]): readonly string[] {
  const step = own(steps, name);
  const [next, ...rest] = path;
  if (!step || next === undefined) return [name, ...path];
  const task = own(step.tasks, next) ? next : taskAt(step, next);
  const inside = task === undefined ? undefined : own(step.tasks, task);
  if (task === undefined || !inside) return [name, ...ownNames(step.steps, path)];
  return rest.length === 0 ? [name, task] : [name, task, ...ownNames(inside.steps, rest)];
}

function taskAt(step: StepState, shown: string): string | undefined {
  const index = Number(/^task-(\d+)$/.exec(shown)?.[1]);
  return Object.entries(step.tasks).find(([, task]) => task.index === index)?.[0];
}

function sibling(world: World, place: Place, name: string): Place | null {
  for (const frame of place.frames.toReversed()) {
    if (!frame.nodes.some((node) => node.step.name === name)) continue;
    return locate(world.plan, world.state, join(frame.prefix, name));
  }
  return null;
}

function ofStepField(world: World, place: Place, step: StepState, field: string): Value | undefined {
  if (field.startsWith('state.')) return ofState(world, place, field.slice('state.'.length));
  const { kind } = place.node.step;
  const holds = kind === 'group' || kind === 'call';
  if (field === 'output' && holds) return outputOfLast(world, place);
  if (field === 'diff' || (field === 'files' && holds)) {
    return { kind: field, from: step.start, to: step.commit ?? step.attempt?.end?.commit ?? step.start };
  }
  if (field === 'status') return text(step.status);
  const spent = holds ? step.spent : addUsage(step.usage, own(step.steps, 'get')?.spent ?? noUsage);
  if (field === 'cost') return text(String(spent.cost));
  if (field === 'turns') return text(String(spent.turns));
  if (field === 'tokens_in') return text(String(spent.tokens_in));
  if (field === 'tokens_out') return text(String(spent.tokens_out));
  if (field === 'duration') return text(String(Math.round((holds ? step.spentMs : step.durationMs) / 1000)));
  if (field === 'comments') return ofVerdict(step.attempt);
  return ofAttempt(place, step.attempt, field);
}

/** `<step>.<field>` of a called workflow, as a key of the step that calls it. */
function ofState(world: World, place: Place, key: string): Value | undefined {
  const call = place.node.step.kind === 'call' ? place.path : join(place.path, 'get');
  const inside = locate(world.plan, world.state, `${call}/${firstName(key)}`);
  // Seen from within, the key is a name like any other.
  return inside ? ofStep(world, { ...inside, frames: inside.frames.slice(-1) }, key) : undefined;
}

function firstName(key: string): string {
  return key.split(/[./]/)[0] ?? '';
}

/** What the step's `get.workflow` has said in the end; empty where there is none or it said nothing. */
export function gotOutput(world: World, place: Place): string {
  const call = place.node.get ? locate(world.plan, world.state, join(place.path, 'get')) : null;
  const value = call ? outputOfLast(world, call) : undefined;
  return value?.kind === 'text' ? value.text : '';
}

/** Of a group or call: that of its last step. */
function outputOfLast(world: World, place: Place): Value | undefined {
  const last = place.node.children.at(-1)?.step.name;
  const found = last === undefined ? null : locate(world.plan, world.state, join(place.path, last));
  return found?.step ? ofStepField(world, found, found.step, 'output') : undefined;
}

function ofVerdict(attempt: AttemptState | null): Value | undefined {
  const verdict = attempt?.result?.verdict;
  return verdict ? text(verdict.comments) : undefined;
}

function text(value: string): Value {
  return { kind: 'text', text: value };
}

function optional(value: string): Value | undefined {
  return value === '' ? undefined : text(value);
}
