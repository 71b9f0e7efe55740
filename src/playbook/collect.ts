/** Everything that a run needs of its workflow, read once and kept with the run: the file, its validators, their prompts. */
import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import { type Diagnostic, nearest } from '../diagnostic.ts';
import { checkAgents } from '../workflow/agent-names.ts';
import { type Call, calledPaths } from '../workflow/called.ts';
import { checkNames, type Role, requiredInputs } from '../workflow/names.ts';
import { parseWorkflow } from '../workflow/parse.ts';
import { sourceLineOf } from '../workflow/place.ts';
import type { Workflow } from '../workflow/workflow.ts';
import type { WorkflowFile } from './source.ts';

export interface WorkflowFiles {
  readonly main: SavedFile;
  /** By the path that a gate names: `validators/arch-review`. */
  readonly validators: Readonly<Record<string, SavedFile>>;
}

interface SavedFile {
  readonly file: string;
  readonly text: string;
  /** By the path that the file names. */
  readonly prompts: Readonly<Record<string, string>>;
}

export interface Collected {
  readonly files: WorkflowFiles;
  readonly diagnostics: readonly Diagnostic[];
}

/** Where validators are looked for. */
export interface Validators {
  find(path: string): WorkflowFile | null;
  /** The paths of all that there are, for messages. */
  paths(): readonly string[];
}

export interface Collecting {
  /** `called` where the workflow itself is a validator: names that it does not know are its inputs. */
  readonly role?: Role;
  /** Families of agents that the configuration adds. */
  readonly families?: readonly string[];
}

/**
 * Reads the workflow and all it calls; problems of every file at once.
 */
export function collectWorkflow(
  main: WorkflowFile,
  validators: Validators,
  { role = 'run', families = [] }: Collecting = {},
): Collected {
  const diagnostics: Diagnostic[] = [];
  const saved = new Map<string, Saved | null>();
  const keep = (source: WorkflowFile, as: Role) => save(source, { role: as, families, diagnostics });
  const top = keep(main, role);
  const waiting = callsIn(top);
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { call } = next;
    if (call.kind !== 'validator') continue;
    if (!saved.has(call.path)) {
      const found = validators.find(call.path);
      const file = found ? keep(found, 'called') : null;
      saved.set(call.path, file);
      waiting.push(...callsIn(file));
    }
    const file = saved.get(call.path);
    diagnostics.push(...(file ? missingInputs(next, file) : [unknownValidator(next, validators.paths())]));
  }
  const files = [...saved].flatMap(([path, one]) => (one ? [[path, one.file] as const] : []));
  return { files: { main: top.file, validators: Object.fromEntries(files) }, diagnostics };
}

interface Saved {
  readonly file: SavedFile;
  /** Null where the file has errors. */
  readonly workflow: Workflow | null;
}

/** A call and the workflow that it stands in. */
interface Calling {
  readonly call: Call;
  readonly workflow: Workflow;
}

function callsIn(saved: Saved | null): Calling[] {
  const workflow = saved?.workflow;
  return workflow ? calledPaths(workflow).map((call) => ({ call, workflow })) : [];
}

function unknownValidator({ call, workflow }: Calling, known: readonly string[]): Diagnostic {
  const near = nearest(call.path, known);
  const where = 'they are looked for in .gump/validators/, ~/.gump/validators/ and the playbook that ships';
  return {
    severity: 'error',
    code: 'unknown-validator',
    message: `there is no validator ${call.path}`,
    at: call.at,
    ...sourceLineOf(workflow, call.at),
    hint: `${near ? `did you mean ${near}?` : `the validators here are: ${known.join(', ')}`}; ${where}`,
  };
}

/** Explicit input → caller's state → error: a plain name can only be an input, one with a dot may be the caller's. */
function missingInputs({ call, workflow }: Calling, called: Saved): readonly Diagnostic[] {
  const names = called.workflow ? requiredInputs(called.workflow) : [];
  const missing = names.filter((name) => /^[\w-]+$/.test(name) && !call.inputs.includes(name));
  return missing.map((name) => ({
    severity: 'error',
    code: 'missing-input',
    message: `${call.path} needs the input \`${name}\`, which is not given here`,
    at: call.at,
    ...sourceLineOf(workflow, call.at),
    hint: `add \`${name}: …\` below \`validate:\``,
  }));
}

interface Keeping extends Required<Collecting> {
  readonly diagnostics: Diagnostic[];
}

function save(source: WorkflowFile, { role, families, diagnostics }: Keeping): Saved {
  const prompts = new Map<string, string>();
  const { file, text } = source;
  const readPrompt = (path: string) => {
    const prompt = source.readPrompt(path);
    if (prompt !== null) prompts.set(path, prompt);
    return prompt;
  };
  const { workflow, diagnostics: found } = parseWorkflow({ file, text, readPrompt });
  diagnostics.push(...found);
  if (workflow)
    diagnostics.push(...inOrder([...checkAgents(workflow, families), ...checkNames(workflow, role)]));
  return { file: { file, text, prompts: Object.fromEntries(prompts) }, workflow };
}

function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const line = ({ at }: Diagnostic) => at?.line ?? 0;
  const column = ({ at }: Diagnostic) => at?.column ?? 0;
  return diagnostics.toSorted((a, b) => line(a) - line(b) || column(a) - column(b));
}

export interface Loaded {
  readonly workflow: Workflow | null;
  readonly validator: (path: string) => Workflow | null;
}

/** The workflows of collected files; null where a file has errors. */
export function loadWorkflows({ main, validators }: WorkflowFiles): Loaded {
  const load = ({ file, text, prompts }: SavedFile) => {
    return parseWorkflow({ file, text, readPrompt: (path) => own(prompts, path) }).workflow;
  };
  return {
    workflow: load(main),
    validator(path) {
      const file = own(validators, path);
      return file ? load(file) : null;
    },
  };
}

/** Paths are names that somebody else chose: `constructor` is one like any other. */
function own<T>(record: Readonly<Record<string, T>>, name: string): T | null {
  return Object.hasOwn(record, name) ? (record[name] ?? null) : null;
}

/** `workflow-snapshot.yaml` of the run folder. */
export function encodeSnapshot(files: WorkflowFiles): string {
  const readable = stringify(files, { lineWidth: 0 });
  // YAML's block scalars lose white space in odd places; quoted ones lose nothing.
  return isDeepStrictEqual(parse(readable), files)
    ? readable
    : stringify(files, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE' });
}

/** @throws Error where the text is no snapshot. */
export function decodeSnapshot(text: string): WorkflowFiles {
  const files = parseQuietly(text) as Partial<WorkflowFiles> | null;
  if (typeof files?.main?.text !== 'string' || !files.validators || typeof files.validators !== 'object') {
    throw new Error('workflow-snapshot.yaml is not one that this version wrote');
  }
  return files as WorkflowFiles;
}

function parseQuietly(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}
