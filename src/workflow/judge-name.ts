/** One name at one place: can it have a value, and if not, why, and what was meant. */
import { nearest } from '../diagnostic.ts';
import { findGate } from './gates.ts';
import { listed } from './problems.ts';
import { type Scope, stepAtPath, stepInCalled } from './scope.ts';
import { fieldsOf } from './template-names.ts';
import type { Gate, Step } from './workflow.ts';

export interface Refusal {
  readonly reason: string;
  readonly hint: string;
  /** Nothing here is called so; in a called workflow it is an input. */
  readonly isUnknown: boolean;
  /** It is about a gate that the step has not. */
  readonly isGate?: boolean;
}

const plainNames = [...fieldsOf('everywhere'), ...fieldsOf('attempt')];

/** When a name is rendered, seen from its step. */
export interface Moment {
  readonly isAfter: boolean;
  readonly hasState?: boolean;
}

/** Null where the name can have a value (it may still be empty). */
export function judgeName(name: string, scope: Scope, moment: Moment): Refusal | null {
  if (plainNames.includes(name)) return null;
  const { target, rest } = parts(name);
  if (target.includes('/')) return judgePath(name, { target, rest }, scope);
  if (rest.length > 0) {
    const builtIn = judgeBuiltIn(target, rest, scope);
    if (builtIn !== undefined) return builtIn;
  }
  const step = scope.before(target) ?? ownStep(scope, { target, rest }, moment);
  return step ? judgeField({ step, path: target, scope }, rest) : unknown(name, scope);
}

interface Parts {
  readonly target: string;
  readonly rest: readonly string[];
}

/** The step (or built-in head) and what is asked of it; a key of a called workflow's state may be a path itself. */
function parts(name: string): Parts {
  const state = /^([\w/-]+)\.state\.(.+)$/.exec(name);
  if (state) return { target: state[1] ?? '', rest: ['state', ...(state[2] ?? '').split('.')] };
  const dot = name.indexOf('.', name.lastIndexOf('/') + 1);
  return dot < 0
    ? { target: name, rest: [] }
    : { target: name.slice(0, dot), rest: name.slice(dot + 1).split('.') };
}

/** The step itself, where it has values already: after its first attempt, or those of its `get.workflow` before. */
function ownStep({ step }: Scope, { target, rest }: Parts, { isAfter, hasState }: Moment): Step | undefined {
  const hasGot = hasState === true && step.kind !== 'call' && step.workflow !== null && rest[0] === 'state';
  return step.name === target && (isAfter || hasGot) ? step : undefined;
}

/** Undefined where `head` is no built-in name here. */
function judgeBuiltIn(head: string, rest: readonly string[], scope: Scope): Refusal | null | undefined {
  const verdict = builtIn(head, rest, scope);
  // A step that is called `run` or `task` is meant where the built-in name has no such field.
  return verdict && scope.before(head) ? undefined : verdict;
}

function builtIn(head: string, rest: readonly string[], scope: Scope): Refusal | null | undefined {
  if (head === 'run') return among(`${head}.`, rest, fieldsOf('run'));
  if (head === 'task' && scope.hasTask) return among(`${head}.`, rest, fieldsOf('task'));
  if (head === 'gate') return judgeGate('gate.', rest, scope.step.gates);
  if (head !== 'prev') return undefined;
  const [field, ...more] = rest;
  return field === 'gate'
    ? judgeGate('prev.gate.', more, scope.step.gates)
    : among('prev.', rest, fieldsOf('previous'));
}

function among(prefix: string, rest: readonly string[], known: readonly string[]): Refusal | null {
  const field = rest.join('.');
  if (known.includes(field)) return null;
  const near = nearest(field, known);
  return {
    reason: `\`${prefix.slice(0, -1)}\` has no \`${field}\``,
    hint: near ? `did you mean \`{${prefix}${near}}\`?` : `fields: ${known.join(', ')}`,
    isUnknown: false,
  };
}

function judgeGate(prefix: string, rest: readonly string[], gates: readonly Gate[]): Refusal | null {
  const [name = '', ...fields] = rest;
  const found = findGate(gates, name);
  if (found && 'name' in found)
    return fields.length === 0 ? null : among(`${prefix}${name}.`, fields, fieldsOf('gate'));
  if (found) {
    const list = found.ambiguous.map((full) => `\`{${[prefix + full, ...fields].join('.')}}\``).join(' or ');
    return { reason: `several gates are called \`${name}\``, hint: `write ${list}`, isUnknown: false };
  }
  return {
    reason: `the step has no gate named \`${name}\``,
    get hint() {
      return gateHint({ prefix, name, fields }, gates);
    },
    isUnknown: false,
    isGate: true,
  };
}

interface GateName {
  readonly prefix: string;
  readonly name: string;
  readonly fields: readonly string[];
}

function gateHint({ prefix, name, fields }: GateName, gates: readonly Gate[]): string {
  const names = gates.flatMap((gate) => (gate.short ? [gate.name, gate.short] : [gate.name]));
  const near = nearest(name, names);
  const tail = fields.length > 0 ? `.${fields.join('.')}` : '';
  return near ? `did you mean \`{${prefix}${near}${tail}}\`?` : gatesHint(names);
}

function gatesHint(names: readonly string[]): string {
  return names.length > 0 ? `gates here: ${listed(names)}` : 'it has no gates at all';
}

function judgePath(name: string, { target: path, rest }: Parts, scope: Scope): Refusal | null {
  const step = stepAtPath(scope, path.split('/'));
  if (step === 'unknown') return null;
  if (step) return judgeField({ step, path, scope }, rest);
  if (leadsBeside(path, scope)) return sideBySide(path);
  return {
    reason: `no step \`${path}\` runs before this one`,
    hint: `${escapeHint(name)}; paths begin at the workflow's own steps`,
    isUnknown: true,
  };
}

function leadsBeside(path: string, { around, isBeside }: Scope): boolean {
  const [root, ...rest] = path.split('/');
  return around[0]?.name === root && rest.some(isBeside);
}

interface Named {
  readonly step: Step;
  /** As it is written. */
  readonly path: string;
  readonly scope: Scope;
}

function judgeField(named: Named, rest: readonly string[]): Refusal | null {
  const { step, path } = named;
  const [field, ...more] = rest;
  if (field === undefined) {
    const hint = `write \`{${path}.output}\`, or another of its fields: ${fieldsOf('step').join(', ')}`;
    return { reason: `\`${path}\` is a step, not a value`, hint, isUnknown: false };
  }
  if (field === 'gate') return judgeGate(`${path}.gate.`, more, step.gates);
  if (field === 'state' && more.length === 0 && step.workflow !== null) return wholeState(path);
  if (field === 'state' && more.length > 0 && step.workflow !== null) return judgeState(named, more);
  const known = fieldsOf('step');
  return among(`${path}.`, rest, step.kind === 'validate' ? [...known, ...fieldsOf('verdict')] : known);
}

function wholeState(path: string): Refusal {
  const hint = `write \`{${path}.state.<step>.output}\`, or \`{${path}.output}\` for that of its last step`;
  return {
    reason: `\`${path}.state\` is all that the called workflow has, not a value`,
    hint,
    isUnknown: false,
  };
}

/** `<step>.<field>` of the called workflow. */
function judgeState(
  { step: { workflow }, path, scope }: Named,
  [target = '', ...rest]: readonly string[],
): Refusal | null {
  const called = workflow === null ? null : scope.called(workflow);
  const step = called ? stepInCalled(called, target.split('/'), scope.called) : 'unknown';
  if (step === 'unknown') return null;
  const key = `${path}.state.${target}`;
  if (step) return judgeField({ step, path: key, scope }, rest);
  return {
    reason: `the called workflow ${workflow} has no step \`${target}\``,
    get hint() {
      const names = (called?.steps ?? []).map((one) => one.name);
      const near = nearest(target, names);
      const meant = near && `did you mean \`{${[path, 'state', near, ...rest].join('.')}}\`?`;
      return meant ?? `its steps: ${listed(names)}`;
    },
    isUnknown: false,
  };
}

function unknown(name: string, scope: Scope): Refusal {
  const [head = '', ...rest] = name.split('.');
  const tail = rest.length > 0 ? `.${rest.join('.')}` : '';
  if (head === 'task' && rest.length > 0) {
    return {
      reason: 'only the `each` of a split has a task',
      hint: 'move the step into `each:`',
      isUnknown: true,
    };
  }
  if (scope.step.name === head) {
    const hint = rest.length > 0 ? `write \`{prev${tail}}\` for the attempt before` : escapeHint(name);
    return { reason: 'it is this step itself, which has not run yet', hint, isUnknown: false };
  }
  if (scope.isBeside(head) && rest.length > 0) return sideBySide(head);
  if (rest.length > 0 && scope.elsewhere(head)) {
    return {
      reason: `\`${head}\` does not run before this step in a scope around it`,
      hint: 'move it before this step, or name it by its full path if it is within an earlier one',
      isUnknown: false,
    };
  }
  // Looking for what was meant costs more than all the rest, and is for nothing where the name is an input.
  return {
    reason: 'nothing is called so',
    get hint() {
      return unknownHint(name, scope);
    },
    isUnknown: true,
  };
}

function sideBySide(step: string): Refusal {
  return {
    reason: `\`${step}\` runs side by side with this step, and nobody knows which of them ends first`,
    hint: 'move it in front of the parallel group, or take `parallel: true` away',
    isUnknown: false,
  };
}

function unknownHint(name: string, scope: Scope): string {
  const [head = '', ...rest] = name.split('.');
  const tail = rest.length > 0 ? `.${rest.join('.')}` : '';
  const near = rest.length === 0 ? nearest(name, plainNames) : nearestHead(head, scope);
  return near ? `did you mean \`{${near}${tail}}\`? ${escapeHint(name)}` : escapeHint(name);
}

function nearestHead(head: string, scope: Scope): string | null {
  const builtIns = ['prev', 'gate', 'run', ...(scope.hasTask ? ['task'] : [])];
  return nearest(head, [...builtIns, ...scope.namesBefore()]);
}

function escapeHint(name: string): string {
  return `for literal braces write \`{{${name}}}\``;
}
