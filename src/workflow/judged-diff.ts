/** A step that judges changes nothing: the `{diff}` that it names is its caller's, and empty where the caller gives none. */

import type { Diagnostic } from '../diagnostic.ts';
import { placeholders } from '../template/template.ts';
import { type Call, callsOf, type FindCalled } from './called.ts';
import { everyStep } from './every-step.ts';
import { givenBy } from './giving.ts';
import type { Surroundings } from './names.ts';
import { sourceLineOf } from './place.ts';
import { templatesOf } from './templates.ts';
import type { Step, Workflow } from './workflow.ts';

/** Calls of validators that would judge an empty diff, as errors: it would look like a change that is in order. */
export function checkDiffs(workflow: Workflow, around: Surroundings): readonly Diagnostic[] {
  if (around.given.includes('diff')) return [];
  const known = new Map<Workflow, boolean>();
  return everyStep(workflow.steps).flatMap((step) => {
    // What calls a workflow may give it one, where the step has no change of its own.
    if (step.kind !== 'code' && around.role === 'called') return [];
    return callsOf(step)
      .filter((call) => call.kind === 'validator' && lacksDiff(call, around.called, known))
      .map((call) => missing({ workflow, step, call, around }));
  });
}

function lacksDiff({ path, inputs }: Call, called: FindCalled, known: Map<Workflow, boolean>): boolean {
  const target = inputs.includes('diff') ? null : called(path);
  return target !== null && judgesDiff(target, called, known);
}

function judgesDiff(workflow: Workflow, called: FindCalled, known: Map<Workflow, boolean>): boolean {
  const before = known.get(workflow);
  if (before !== undefined) return before;
  // What calls itself is refused elsewhere; here it only has to end.
  known.set(workflow, false);
  const judges = everyStep(workflow.steps)
    .filter(({ kind }) => kind !== 'code')
    .some((step) => namesDiff(step) || callsOf(step).some((call) => lacksDiff(call, called, known)));
  known.set(workflow, judges);
  return judges;
}

function namesDiff(step: Step): boolean {
  return templatesOf(step).some(({ template }) => placeholders(template).some(({ name }) => name === 'diff'));
}

interface Missing {
  readonly workflow: Workflow;
  readonly step: Step;
  readonly call: Call;
  readonly around: Surroundings;
}

function missing({ workflow, step, call, around }: Missing): Diagnostic {
  const { path, at, below } = call;
  const add =
    step.kind === 'code'
      ? `add \`diff: "{diff}"\` below \`${below}:\``
      : `add \`diff: "{<step>.diff}"\`, of the step whose change is meant, below \`${below}:\``;
  return {
    severity: 'error',
    code: 'missing-input',
    message: `${path} judges \`{diff}\`, which is not given here: its own steps change nothing, so it would judge an empty one`,
    at,
    ...sourceLineOf(workflow, at),
    hint:
      around.role === 'run' && step.kind !== 'code'
        ? `${add}, or give it with ${givenBy(around.host, 'diff')}`
        : add,
  };
}
