/** What called workflows need of their callers: explicit input → a name of the caller's scope → an error before the run. */
import { type Diagnostic, nearest } from '../diagnostic.ts';
import { limits } from '../limits.ts';
import { placeholders } from '../template/template.ts';
import { type Call, calledPaths, callsOf, type FindCalled } from './called.ts';
import { givenBy, type Host } from './giving.ts';
import { judgeName, type Refusal } from './judge-name.ts';
import { alone, isInput, type Surroundings } from './names.ts';
import { sourceLineOf } from './place.ts';
import { everyScope, type Scope } from './scope.ts';
import { templatesOf } from './templates.ts';
import type { Step, Workflow } from './workflow.ts';

/**
 * Names that a called workflow uses and does not have itself, each once, in the order of the file; those that the
 * workflows called by it need of it included.
 */
export function requiredInputs(
  workflow: Workflow,
  called: FindCalled = alone.called,
  known: Map<Workflow, readonly string[]> = new Map(),
): readonly string[] {
  const before = known.get(workflow);
  if (before) return before;
  // What calls itself is refused elsewhere; here it only has to end.
  known.set(workflow, []);
  const names = everyScope(workflow, called).flatMap(({ step, scope }) => [
    ...unknownIn(step, scope),
    ...callsOf(step).flatMap((call) =>
      needsOf(call, scope, known).flatMap(({ name, why }) => (why.isUnknown ? [name] : [])),
    ),
  ]);
  const unique = [...new Set(names)];
  known.set(workflow, unique);
  return unique;
}

function unknownIn(step: Step, scope: Scope): readonly string[] {
  return templatesOf(step).flatMap((written) =>
    placeholders(written.template)
      .filter(({ name }) => judgeName(name, scope, written)?.isUnknown)
      .map(({ name }) => name),
  );
}

interface Need {
  readonly name: string;
  /** Why the caller's scope has no value for it. */
  readonly why: Refusal;
}

/** What the called workflow needs and neither the call nor the scope around it gives. */
function needsOf(call: Call, scope: Scope, known: Map<Workflow, readonly string[]>): readonly Need[] {
  const workflow = scope.called(call.path);
  const names = workflow ? requiredInputs(workflow, scope.called, known) : [];
  return names.flatMap((name) => {
    const why = call.inputs.includes(name) ? null : judgeName(name, scope, { isAfter: call.isAfter });
    return why ? [{ name, why }] : [];
  });
}

/** Missing inputs of every call, as errors; inputs that nothing in the called workflow uses, as warnings. */
export function checkCalls(workflow: Workflow, around: Surroundings): readonly Diagnostic[] {
  const known = new Map<Workflow, readonly string[]>();
  const used = new Map<Workflow, ReadonlySet<string>>();
  const found = everyScope(workflow, around.called).flatMap(({ step, scope }) =>
    callsOf(step).flatMap((call) => [
      ...needsOf(call, scope, known)
        .filter(({ name, why }) => !(why.isUnknown && isInput(name, around)))
        .map((need) =>
          missing(workflow, call, { ...need, host: around.role === 'run' ? around.host : null }),
        ),
      ...unusedInputs(workflow, call, { called: around.called, used }),
    ]),
  );
  // More would be told by nobody: whoever mends these looks again.
  return found.slice(0, limits.diagnosticsMax);
}

interface Missing extends Need {
  /** Where a person starts the workflow that calls, and may give inputs; null: another one calls it. */
  readonly host: Host | null;
}

function missing(workflow: Workflow, { path, at, below }: Call, { name, why, host }: Missing): Diagnostic {
  const about = { severity: 'error', code: 'missing-input', at, ...sourceLineOf(workflow, at) } as const;
  if (!/^[\w-]+$/.test(name) || !why.isUnknown)
    return {
      ...about,
      message: `${path} uses \`{${name}}\`, which has no value here: ${why.reason}`,
      hint: why.hint,
    };
  return {
    ...about,
    message: `${path} needs the input \`${name}\`, which is not given here`,
    hint: `add \`${name}: …\` below \`${below}:\`${host ? `, or give it with ${givenBy(host, name)}` : ''}`,
  };
}

interface Uses {
  readonly called: FindCalled;
  /** What was found out already: the same workflow may be called a thousand times. */
  readonly used: Map<Workflow, ReadonlySet<string>>;
}

function unusedInputs(workflow: Workflow, { path, at, inputs }: Call, uses: Uses): readonly Diagnostic[] {
  const target = uses.called(path);
  if (!target) return [];
  const used = uses.used.get(target) ?? usedNames(target, uses.called);
  uses.used.set(target, used);
  // Whoever names no agent inside gets the one of the call.
  return inputs
    .filter((name) => name !== 'agent' && !used.has(name))
    .map((name) => {
      const near = nearest(
        name,
        [...used].filter((other) => !inputs.includes(other)),
      );
      return {
        severity: 'warning',
        code: 'unused-input',
        message: `nothing in ${path} uses the input \`${name}\``,
        at,
        ...sourceLineOf(workflow, at),
        hint: near ? `did you mean \`${near}\`?` : 'remove it, or use it there as a placeholder',
      };
    });
}

/** Every name in the templates of a workflow and of all that it calls. */
export function usedNames(
  workflow: Workflow,
  called: FindCalled,
  seen: Set<Workflow> = new Set(),
): ReadonlySet<string> {
  if (seen.has(workflow)) return new Set();
  seen.add(workflow);
  const own = everyScope(workflow, called).flatMap(({ step }) =>
    templatesOf(step).flatMap(({ template }) => placeholders(template).map(({ name }) => name)),
  );
  const below = calledPaths(workflow).flatMap(({ path }) => {
    const target = called(path);
    return target ? [...usedNames(target, called, seen)] : [];
  });
  return new Set([...own, ...below]);
}
