/** Whether the names in a workflow's templates can ever have a value where they stand. */
import { type Diagnostic, nearest, type Position } from '../diagnostic.ts';
import { limits } from '../limits.ts';
import { placeholders } from '../template/template.ts';
import type { FindCalled } from './called.ts';
import { givenBy, type Host } from './giving.ts';
import { judgeName, type Refusal } from './judge-name.ts';
import { placesOf, sourceLineOf } from './place.ts';
import type { Unsure } from './received.ts';
import { everyScope, type Scope } from './scope.ts';
import { templatesOf, type Written } from './templates.ts';
import type { Step, Workflow } from './workflow.ts';

/** How the workflow is used: started by a person, or called, so that names it does not know are its inputs. */
export type Role = 'run' | 'called';

/** What is around a workflow when its names are checked. */
export interface Surroundings {
  readonly role: Role;
  /** Names that the run is given: `--set`. */
  readonly given: readonly string[];
  /** Where it is started, for hints. */
  readonly host: Host;
  readonly called: FindCalled;
  /** Of a file with errors: what cannot be judged behind them. */
  readonly unsure?: Unsure;
}

export const alone: Surroundings = {
  role: 'run',
  given: [],
  host: 'command-line',
  called: () => null,
};

/**
 * Every name that can never have a value at its place, with a suggestion; and every `session: {from: …}` that names no
 * step which ran before. In a called workflow an unknown name is an input instead: see needs.ts.
 */
export function checkNames(workflow: Workflow, around: Surroundings = alone): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { step, scope } of everyScope(workflow, around.called)) {
    // Of incomplete lists of gates and entries, the places are not known for certain.
    const isCertain = (written: Written): boolean => !(written.isAfter && around.unsure?.has('gates'));
    for (const written of templatesOf(step).filter(isCertain)) {
      found.push(...checkTemplate({ workflow, scope, around, most: roomIn(found) }, written));
    }
    found.push(...checkSession({ workflow, scope, around }, step));
    if (found.length > limits.diagnosticsMax) return [...found.slice(0, limits.diagnosticsMax), unchecked];
  }
  return found;
}

/** One more than can be told, so that it shows when there are more. */
function roomIn(found: readonly Diagnostic[]): number {
  return Math.max(0, limits.diagnosticsMax + 1 - found.length);
}

const unchecked: Diagnostic = {
  severity: 'error',
  code: 'more-problems',
  message: `there are more than ${limits.diagnosticsMax} problems of names; those behind them are not looked for`,
};

interface Check {
  readonly workflow: Workflow;
  readonly scope: Scope;
  readonly around: Surroundings;
  /** How many problems are wanted at most. */
  readonly most: number;
}

function checkTemplate({ workflow, scope, around, most }: Check, written: Written): readonly Diagnostic[] {
  const placeOf = placesOf(workflow, written);
  const found: Diagnostic[] = [];
  for (const placeholder of placeholders(written.template)) {
    if (found.length >= most) break;
    const { name } = placeholder;
    const why = judgeName(name, scope, written);
    if (!why || (why.isUnknown && isInput(name, around))) continue;
    if (why.isGate && around.unsure?.has('gates')) continue;
    if (name.split(/[./]/).some((part) => around.unsure?.has(`step ${part}`))) continue;
    const at = placeOf(placeholder);
    const message = `\`{${name}}\` can never have a value here: ${why.reason}`;
    found.push(
      problem(workflow, { code: 'unknown-name', at, message, hint: hintOf(name, why, around.host) }),
    );
  }
  return found;
}

/** True for a name that whoever calls or starts the workflow may give. */
export function isInput(name: string, { role, given }: Surroundings): boolean {
  return role === 'called' || given.includes(name);
}

/** Where nothing is near, the name may well be an input of the workflow itself. */
function hintOf(name: string, { hint, isUnknown }: Refusal, host: Host): string {
  const isMeant = isUnknown && /^[\w-]+$/.test(name) && !hint.startsWith('did you mean');
  return isMeant ? `give it with ${givenBy(host, name)}; ${hint}` : hint;
}

function checkSession({ workflow, scope, around }: Omit<Check, 'most'>, step: Step): readonly Diagnostic[] {
  if (step.session.mode !== 'from') return [];
  const { step: from } = step.session;
  if (around.unsure?.has(`step ${from}`)) return [];
  const found = scope.before(from);
  const at = step.places?.session ?? step.at;
  if (found && ['code', 'split', 'validate'].includes(found.kind)) return [];
  if (!found && scope.isBeside(from)) return [besideProblem(workflow, at, from)];
  const near = nearest(from, scope.namesBefore());
  const message = found
    ? `\`${from}\` has no session: no agent runs in it`
    : `no step \`${from}\` runs before \`${step.name}\`, so its session cannot go on`;
  const hint =
    near && !found ? `did you mean \`${near}\`?` : 'name a step with an agent that stands before this one';
  return [problem(workflow, { code: 'unknown-step', at, message, hint })];
}

function besideProblem(workflow: Workflow, at: Position, from: string): Diagnostic {
  const message = `\`${from}\` runs side by side with this step, so its session cannot go on here`;
  const hint = 'move it in front of the parallel group, or take `parallel: true` away';
  return problem(workflow, { code: 'unknown-step', at, message, hint });
}

function problem(
  workflow: Workflow,
  { code, at, message, hint }: { code: string; at: Position; message: string; hint: string },
): Diagnostic {
  return { severity: 'error', code, message, at, ...sourceLineOf(workflow, at), hint };
}
