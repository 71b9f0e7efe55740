/** Everything that a run needs of its workflow, read once: the file, all that it calls, their prompts; and whether it fits together. */
import { type Diagnostic, nearest } from '../diagnostic.ts';
import { checkAgents } from '../workflow/agent-names.ts';
import { type Call, calledPaths } from '../workflow/called.ts';
import type { Host } from '../workflow/giving.ts';
import { checkDiffs } from '../workflow/judged-diff.ts';
import { checkNames, type Role, type Surroundings } from '../workflow/names.ts';
import { checkCalls, requiredInputs, usedNames } from '../workflow/needs.ts';
import { parseWorkflow } from '../workflow/parse.ts';
import { sourceLineOf } from '../workflow/place.ts';
import { listed } from '../workflow/problems.ts';
import type { Unsure } from '../workflow/received.ts';
import type { Workflow } from '../workflow/workflow.ts';
import type { SavedFile, WorkflowFiles } from './snapshot.ts';
import type { WorkflowFile } from './source.ts';

export interface Collected {
  readonly files: WorkflowFiles;
  readonly diagnostics: readonly Diagnostic[];
  /** Names that were given (`--set`) and that nothing uses, each with the nearest of the names that are needed. */
  readonly unused: readonly { readonly name: string; readonly near: string | null }[];
  /** What only a caller has, in the order of the file: inputs, and the `diff`, where the workflow is one that judges. */
  readonly fromCaller: readonly string[];
}

/** Where called workflows and validators are looked for. */
export interface Library {
  find(path: string): WorkflowFile | null;
  /** The paths of all that there are, for messages. */
  paths(): readonly string[];
}

export interface Collecting {
  /** `called` where the workflow itself is a validator: names that it does not know are its inputs. */
  readonly role?: Role;
  /** Names of inputs that the run is given. */
  readonly given?: readonly string[];
  /** Where the run is started. */
  readonly host?: Host;
  /** Families of agents that the configuration adds. */
  readonly families?: readonly string[];
}

/** Reads the workflow and all it calls; problems of every file at once. */
export function collectWorkflow(
  main: WorkflowFile,
  library: Library,
  { role = 'run', given = [], host = 'command-line', families = [] }: Collecting = {},
): Collected {
  const top = save(main);
  const saved = readCalled(top, library);
  const around: Surroundings = { role, given, host, called: (path) => saved.get(path)?.workflow ?? null };
  const check = (file: Saved, as: Role): readonly Diagnostic[] =>
    inOrder([
      ...file.problems,
      ...(file.read ? checkWorkflow(file.read, { ...around, role: as, unsure: file.unsure }, families) : []),
      ...callsIn(file).flatMap(({ call, workflow }) =>
        saved.get(call.path) ? [] : [unknownPath({ call, workflow }, library.paths())],
      ),
    ]);
  const called = [...saved].flatMap(([path, file]) => (file ? [{ path, file }] : []));
  return {
    files: { main: top.file, called: Object.fromEntries(called.map(({ path, file }) => [path, file.file])) },
    diagnostics: [...check(top, role), ...called.flatMap(({ file }) => check(file, 'called'))],
    unused: unusedGiven(top.workflow, around),
    fromCaller: top.workflow ? fromCaller(top.workflow, around) : [],
  };
}

/** By path, in the order in which they are called first; null where there is none. */
function readCalled(top: Saved, library: Library): ReadonlyMap<string, Saved | null> {
  const saved = new Map<string, Saved | null>();
  const waiting = callsIn(top);
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { path } = next.call;
    if (saved.has(path)) continue;
    const found = library.find(path);
    const file = found ? save(found) : null;
    saved.set(path, file);
    if (file) waiting.push(...callsIn(file));
  }
  return saved;
}

function checkWorkflow(
  workflow: Workflow,
  around: Surroundings,
  families: readonly string[],
): readonly Diagnostic[] {
  const agents = checkAgents(workflow, families);
  if (around.unsure?.has('names')) return agents;
  return [
    ...agents,
    ...checkNames(workflow, around),
    ...checkCalls(workflow, around),
    ...checkDiffs(workflow, around),
  ];
}

function unusedGiven(workflow: Workflow | null, { given, called }: Surroundings): Collected['unused'] {
  if (!workflow || given.length === 0) return [];
  const used = usedNames(workflow, called);
  const needed = requiredInputs(workflow, called).filter((name) => !given.includes(name));
  return given.filter((name) => !used.has(name)).map((name) => ({ name, near: nearest(name, needed) }));
}

/** A step that judges changes nothing itself: the `diff` that it names can only be its caller's. */
function fromCaller(workflow: Workflow, { called }: Surroundings): readonly string[] {
  const inputs = requiredInputs(workflow, called);
  return usedNames(workflow, called).has('diff') ? [...inputs, 'diff'] : inputs;
}

interface Saved {
  readonly file: SavedFile;
  /** Null where the file has errors. */
  readonly workflow: Workflow | null;
  /** The same; of a file with errors, what could be read of it, so that everything wrong is told at once. */
  readonly read: Workflow | null;
  readonly unsure: Unsure;
  readonly problems: readonly Diagnostic[];
}

/** A call and the workflow that it stands in. */
interface Calling {
  readonly call: Call;
  readonly workflow: Workflow;
}

function callsIn({ read }: Saved): Calling[] {
  return read ? calledPaths(read).map((call) => ({ call, workflow: read })) : [];
}

function unknownPath({ call, workflow }: Calling, known: readonly string[]): Diagnostic {
  const { path, at, kind } = call;
  const isValidator = path.startsWith('validators/');
  const folder = isValidator ? 'validators' : 'workflows';
  const alike = known.filter((other) => other.startsWith('validators/') === isValidator);
  const title = isValidator ? 'Validators' : 'Workflows';
  const near = known.find((other) => other === `validators/${path}`) ?? nearest(path, alike);
  const where = `are looked for in .gump/${folder}/, ~/.gump/${folder}/ and the playbook that ships`;
  return {
    severity: 'error',
    code: `unknown-${kind}`,
    message: `there is no ${kind} ${path}`,
    at,
    ...sourceLineOf(workflow, at),
    hint: near
      ? `did you mean ${near}? ${title} ${where}`
      : `${folder} here: ${listed(alike)}; they ${where}`,
  };
}

function save(source: WorkflowFile): Saved {
  const prompts = new Map<string, string>();
  const { file, text } = source;
  const readPrompt = (path: string) => {
    const prompt = source.readPrompt(path);
    if (prompt !== null) prompts.set(path, prompt);
    return prompt;
  };
  const { workflow, draft, diagnostics: problems } = parseWorkflow({ file, text, readPrompt });
  const saved = { file, text, prompts: Object.fromEntries(prompts) };
  const read = workflow ?? draft?.workflow ?? null;
  return { file: saved, workflow, read, unsure: draft?.unsure ?? new Set(), problems };
}

function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  // What has no place is about the rest.
  const line = ({ at }: Diagnostic) => at?.line ?? Number.POSITIVE_INFINITY;
  const column = ({ at }: Diagnostic) => at?.column ?? 0;
  return diagnostics.toSorted((a, b) => compared(line(a), line(b)) || compared(column(a), column(b)));
}

function compared(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
