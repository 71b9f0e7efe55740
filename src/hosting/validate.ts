/** `gump validate FILE…`: every problem of every file, named as given; works outside a repository. */
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { ownFamilies } from '../config/layers.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { buildPlan } from '../plan/build.ts';
import { type Collected, collectWorkflow } from '../playbook/collect.ts';
import { loadWorkflows } from '../playbook/snapshot.ts';
import { isValidatorPath, libraryIn, openWorkflowFile, type PlaybookFolders } from '../playbook/source.ts';
import { type Configuration, configurationHere, projectRoot } from './config-layers.ts';
import { usage } from './local-run.ts';
import { unusedInput, withoutUnknownAgents } from './prepare.ts';
import { gumpVersion } from './version.ts';

interface Order {
  readonly files: readonly string[];
  readonly resolvePath: (path: string) => string;
  readonly user: string | null;
  readonly env: Environment;
  /** Names of inputs, as `gump run --set` would give them; one that no file uses is told. */
  readonly given: readonly string[];
}

/** Agents of the configuration around each file count as known; where that is broken, it is told too. */
export function validateFiles({ files, resolvePath, user, env, given }: Order): readonly Diagnostic[] {
  const around = new Map<string | null, Configuration>();
  const found = files.flatMap((file) => {
    const path = resolvePath(file);
    const root = projectRoot(dirname(path));
    const configuration = around.get(root) ?? configurationHere(root, env);
    around.set(root, configuration);
    return validateFile({ file, path, user, agents: configuration.config?.agents ?? null, given });
  });
  const errors = [...around.values()].flatMap(({ diagnostics }) =>
    diagnostics.filter(({ severity }) => severity === 'error'),
  );
  return [...errors, ...found.flatMap(({ told }) => told), ...usedByNone(found)];
}

/** Inputs of which every file says that it does not use them. */
function usedByNone(files: readonly Validated[]): readonly Diagnostic[] {
  const [first, ...others] = files;
  const unused = first?.unused.filter(({ name }) =>
    others.every((other) => other.unused.some((one) => one.name === name)),
  );
  return (unused ?? []).map((one) => unusedInput(one, 'command-line'));
}

interface Validated extends Pick<Collected, 'unused'> {
  readonly told: readonly Diagnostic[];
}

interface OneFile {
  readonly file: string;
  readonly path: string;
  readonly user: string | null;
  /** Null: the configuration is broken, so that any name may be an agent's. */
  readonly agents: Config['agents'] | null;
  readonly given: readonly string[];
}

function validateFile({ file, path, user, agents, given }: OneFile): Validated {
  const opened = openWorkflowFile(path);
  if (!opened) return { told: [noWorkflowFile(file, path)], unused: [] };
  const folders: PlaybookFolders = { project: projectOf(path), user };
  const collected = collectWorkflow({ ...opened, file }, libraryIn(folders), {
    role: roleOf(path),
    families: ownFamilies(agents ?? {}),
    given,
  });
  const { files, diagnostics, unused } = collected;
  const told = agents ? diagnostics : withoutUnknownAgents(diagnostics);
  const isWrong = told.some(({ severity }) => severity === 'error');
  return { told: isWrong ? told : [...told, ...planProblems(files)], unused };
}

function noWorkflowFile(file: string, path: string): Diagnostic {
  if (isFolder(path))
    return usage(`${file}: it is a folder`, `name the files in it: gump validate ${join(file, '*.yaml')}`);
  return usage(`${file}: there is no such file`, 'give the path of a workflow file');
}

/** A path that is no path (NUL, too long) leads to none. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** What only shows when the workflow is put together, judged with an agent at hand and no particular spec. */
export function planProblems(files: Parameters<typeof loadWorkflows>[0]): readonly Diagnostic[] {
  const { workflow, called } = loadWorkflows(files);
  if (!workflow) return [];
  const settings = {
    default_agent: 'default',
    agent: null,
    max_budget: null,
    max_parallel: 1,
    pause_after: null,
  };
  const spec = { text: '', hash: '', origin: '', removed: [] };
  return buildPlan({ run: 'validate', workflow, spec, base: '', settings, gump: gumpVersion, called })
    .diagnostics;
}

/** A validator is called: the names that it does not know are inputs that its caller gives. */
function roleOf(path: string): 'run' | 'called' {
  return isValidatorPath(path) ? 'called' : 'run';
}

/** A file in `.gump/workflows/` finds its validators beside that folder. */
function projectOf(path: string): string {
  const folder = dirname(path);
  return /[/\\]\.gump[/\\](workflows|validators)$/.test(folder) ? dirname(folder) : join(folder, '.gump');
}
