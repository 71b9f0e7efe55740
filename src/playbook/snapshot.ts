/** The snapshot that a run keeps of its workflow, of all that it calls and of their prompts. */
import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'yaml';
import { GumpError } from '../errors.ts';
import { own } from '../own.ts';
import { parseWorkflow } from '../workflow/parse.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { parseQuietly } from './loose-yaml.ts';

export interface WorkflowFiles {
  readonly main: SavedFile;
  /** Called workflows and validators, by the path that a step, gate or retry condition names: `validators/arch-review`. */
  readonly called: Readonly<Record<string, SavedFile>>;
}

export interface SavedFile {
  readonly file: string;
  readonly text: string;
  /** By the path that the file names. */
  readonly prompts: Readonly<Record<string, string>>;
}

export interface Loaded {
  readonly workflow: Workflow | null;
  readonly called: (path: string) => Workflow | null;
}

/** The workflows of collected files; null where a file has errors. */
export function loadWorkflows({ main, called }: WorkflowFiles): Loaded {
  const load = ({ file, text, prompts }: SavedFile) => {
    return parseWorkflow({ file, text, readPrompt: (path) => own(prompts, path) ?? null }).workflow;
  };
  // The same as often as it is called, and read once.
  const loaded = new Map<string, Workflow | null>();
  return {
    workflow: load(main),
    called(path) {
      const file = own(called, path);
      if (file && !loaded.has(path)) loaded.set(path, load(file));
      return loaded.get(path) ?? null;
    },
  };
}

/** `workflow-snapshot.yaml` of the run folder. */
export function encodeSnapshot(files: WorkflowFiles): string {
  const readable = stringify(files, { lineWidth: 0 });
  // YAML's block scalars lose white space in odd places; quoted ones lose nothing.
  return isDeepStrictEqual(parse(readable), files)
    ? readable
    : stringify(files, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE' });
}

/** @throws GumpError `ledger` where the text is no snapshot. */
export function decodeSnapshot(text: string): WorkflowFiles {
  const files = parseQuietly(text) as (Partial<WorkflowFiles> & Partial<OldFiles>) | null;
  // Before workflows could be called there were only validators.
  const called = files?.called ?? files?.validators;
  if (isSaved(files?.main) && isObject(called) && Object.values(called).every(isSaved))
    return { main: files.main, called };
  throw new GumpError(
    'The run cannot go on: its workflow-snapshot.yaml is not what a run keeps of its workflows.',
    {
      code: 'ledger',
      hint: 'No crash leaves this; somebody changed the file. Restore it, or start a new run.',
    },
  );
}

function isSaved(file: unknown): file is SavedFile {
  if (!isObject(file)) return false;
  const { file: name, text, prompts } = file as Partial<Record<keyof SavedFile, unknown>>;
  const isText = (value: unknown) => typeof value === 'string';
  return isText(name) && isText(text) && isObject(prompts) && Object.values(prompts).every(isText);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

interface OldFiles {
  readonly validators: WorkflowFiles['called'];
}
