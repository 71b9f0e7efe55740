/** `gump validate FILE…`: every problem of every file, named as given; works outside a repository. */
import { basename, dirname, join } from 'node:path';
import type { Diagnostic } from '../diagnostic.ts';
import { buildPlan } from '../plan/build.ts';
import { collectWorkflow, loadWorkflows } from '../playbook/collect.ts';
import { openWorkflowFile, type PlaybookFolders, validatorsIn } from '../playbook/source.ts';
import { usage } from './local-run.ts';
import { gumpVersion } from './version.ts';

interface Order {
  readonly files: readonly string[];
  readonly resolvePath: (path: string) => string;
  readonly user: string | null;
}

export function validateFiles({ files, resolvePath, user }: Order): readonly Diagnostic[] {
  return files.flatMap((file) => validateFile(file, resolvePath(file), user));
}

function validateFile(file: string, path: string, user: string | null): readonly Diagnostic[] {
  const opened = openWorkflowFile(path);
  if (!opened) return [usage(`${file}: there is no such file`, 'give the path of a workflow file')];
  const folders: PlaybookFolders = { project: projectOf(path), user };
  const { files, diagnostics } = collectWorkflow({ ...opened, file }, validatorsIn(folders), roleOf(path));
  if (diagnostics.some(({ severity }) => severity === 'error')) return diagnostics;
  return [...diagnostics, ...planProblems(files)];
}

/** What only shows when the workflow is put together, judged with an agent at hand and no particular spec. */
function planProblems(files: Parameters<typeof loadWorkflows>[0]): readonly Diagnostic[] {
  const { workflow, validator } = loadWorkflows(files);
  if (!workflow) return [];
  const settings = {
    default_agent: 'default',
    agent: null,
    max_budget: null,
    max_parallel: 1,
    pause_after: null,
  };
  const spec = { text: '', hash: '', origin: '', removed: [] };
  return buildPlan({ run: 'validate', workflow, spec, base: '', settings, gump: gumpVersion, validator })
    .diagnostics;
}

/** A validator is called: the names that it does not know are inputs that its caller gives. */
function roleOf(path: string): 'run' | 'called' {
  return basename(dirname(path)) === 'validators' ? 'called' : 'run';
}

/** A file in `.gump/workflows/` finds its validators beside that folder. */
function projectOf(path: string): string {
  const folder = dirname(path);
  return /[/\\]\.gump[/\\](workflows|validators)$/.test(folder) ? dirname(folder) : join(folder, '.gump');
}
