/** Everything that a run needs of its workflow, read once and kept with the run: the file, its validators, their prompts. */
import { parse, stringify } from 'yaml';
import type { Diagnostic } from '../diagnostic.ts';
import { calledPaths } from '../workflow/called.ts';
import { parseWorkflow } from '../workflow/parse.ts';
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

/** Reads the workflow and all it calls; problems of every file at once. */
export function collectWorkflow(
  main: WorkflowFile,
  findValidator: (path: string) => WorkflowFile | null,
): Collected {
  const diagnostics: Diagnostic[] = [];
  const validators: Record<string, SavedFile> = {};
  const saved = save(main, diagnostics);
  const waiting = [...saved.called];
  for (let call = waiting.shift(); call; call = waiting.shift()) {
    if (call.kind !== 'validator' || validators[call.path]) continue;
    const found = findValidator(call.path);
    if (!found) {
      diagnostics.push(unknownValidator(call));
      continue;
    }
    const { file, called } = save(found, diagnostics);
    validators[call.path] = file;
    waiting.push(...called);
  }
  return { files: { main: saved.file, validators }, diagnostics };
}

type Call = ReturnType<typeof calledPaths>[number];

function unknownValidator({ path, at }: Call): Diagnostic {
  return {
    severity: 'error',
    code: 'unknown-validator',
    message: `there is no validator ${path}`,
    at,
    hint: 'validators are looked for in .gump/validators/, ~/.gump/validators/ and the playbook that ships',
  };
}

function save(source: WorkflowFile, diagnostics: Diagnostic[]): { file: SavedFile; called: readonly Call[] } {
  const prompts: Record<string, string> = {};
  const { file, text } = source;
  const readPrompt = (path: string) => {
    const prompt = source.readPrompt(path);
    if (prompt !== null) prompts[path] = prompt;
    return prompt;
  };
  const parsed = parseWorkflow({ file, text, readPrompt });
  diagnostics.push(...parsed.diagnostics);
  return { file: { file, text, prompts }, called: parsed.workflow ? calledPaths(parsed.workflow) : [] };
}

export interface Loaded {
  readonly workflow: Workflow | null;
  readonly validator: (path: string) => Workflow | null;
}

/** The workflows of collected files; null where a file has errors. */
export function loadWorkflows({ main, validators }: WorkflowFiles): Loaded {
  const load = ({ file, text, prompts }: SavedFile) => {
    return parseWorkflow({ file, text, readPrompt: (path) => prompts[path] ?? null }).workflow;
  };
  return {
    workflow: load(main),
    validator(path) {
      const file = validators[path];
      return file ? load(file) : null;
    },
  };
}

/** `workflow-snapshot.yaml` of the run folder. */
export function encodeSnapshot(files: WorkflowFiles): string {
  return stringify(files, { lineWidth: 0 });
}

/** @throws Error where the text is no snapshot. */
export function decodeSnapshot(text: string): WorkflowFiles {
  const files = parse(text) as Partial<WorkflowFiles> | null;
  if (typeof files?.main?.text !== 'string' || typeof files.validators !== 'object') {
    throw new Error('workflow-snapshot.yaml is not one that this version wrote');
  }
  return files as WorkflowFiles;
}
