/** Reading everything that a new run is made of. */
import { readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AgentScript } from '../agents/script.ts';
import type { Environment } from '../config/environment.ts';
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import type { RunSettings } from '../events/event.ts';
import { dirtyFiles, type Repository } from '../git/repository.ts';
import type { WorkflowFiles } from '../playbook/snapshot.ts';
import type { Spec } from '../spec/spec.ts';
import { configurationAt } from './config-layers.ts';
import { usage } from './local-run.ts';
import { type Prepared, prepareWorkflow, withoutUnknownAgents } from './prepare.ts';
import { noSpec, readScript, readSpecFile, standardInput } from './read-files.ts';
import { type Asked, runSettings } from './run-settings.ts';

/** What a person asks for. */
export interface RunWish {
  readonly workflow: string;
  /** `-`: standard input; null: none was named. */
  readonly specPath: string | null;
  readonly agentScript: string | null;
  /** What was typed; configuration says the rest. */
  readonly asked: Omit<Asked, 'agentScript'>;
  /** Where `GUMP_…` is looked for. */
  readonly env: Environment;
  /** From a path as typed to one that can be opened. */
  readonly resolvePath: (path: string) => string;
}

export interface Given {
  readonly spec: Spec;
  readonly files: WorkflowFiles;
  readonly script: AgentScript | null;
  readonly settings: RunSettings;
}

/** All of it, or all that is wrong with it; `dirty` is how much a tree that is not clean matters. */
export async function gather(
  order: RunWish,
  repository: Repository,
  dirty: Diagnostic['severity'],
): Promise<Prepared<Given>> {
  const { workflow, specPath, agentScript, resolvePath } = order;
  const configuration = await configurationAt(repository, order.env);
  const { config } = configuration;
  const folders = { project: join(repository.root, '.gump'), user: join(homedir(), '.gump') };
  const { set } = order.asked;
  const agents = config?.agents ?? {};
  const files = prepareWorkflow({ folders, name: workflow, resolvePath, agents, set, host: 'command-line' });
  const spec =
    specPath === null
      ? noSpec('value' in files ? files.value.main.text : '')
      : await readSpecFile(specPath, resolvePath);
  const script = readScript(agentScript, resolvePath);
  const specFile = specPath === standardInput ? null : specPath;
  const inputs = [specFile, agentScript, workflow].flatMap((path) => (path ? [resolvePath(path)] : []));
  const diagnostics = [
    ...configuration.diagnostics,
    ...spec.diagnostics,
    ...(config ? files.diagnostics : withoutUnknownAgents(files.diagnostics)),
    ...script.diagnostics,
    ...(await lookForDirt(repository, inputs)).map((problem) => ({ ...problem, severity: dirty })),
  ];
  const isWhole = config && 'value' in spec && 'value' in files && 'value' in script;
  if (!isWhole || hasErrors(diagnostics)) return { diagnostics };
  const scriptPath = agentScript === null ? undefined : resolvePath(agentScript);
  const settings = runSettings({ ...order.asked, agentScript: scriptPath }, configuration, config);
  return { value: { spec: spec.value, files: files.value, script: script.value, settings }, diagnostics };
}

/** A file that the command names, or a new folder with nothing else in it. */
function isNamed(path: string, named: ReadonlySet<string>): boolean {
  if (!path.endsWith('/')) return named.has(path);
  return readdirSync(path, { recursive: true, withFileTypes: true }).every(
    (entry) => entry.isDirectory() || named.has(join(entry.parentPath, entry.name)),
  );
}

/** As git names it: without links on the way. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It is not there; whoever opens it says so.
    return path;
  }
}

/** Untracked files count, for an agent would not see them; the files that the command itself names do not. */
async function lookForDirt(
  repository: Repository,
  inputs: readonly string[],
): Promise<readonly Diagnostic[]> {
  const { tracked, untracked } = await dirtyFiles(repository.root);
  const named = new Set(inputs.map(realPath));
  const strange = untracked.filter((path) => !isNamed(join(repository.root, path), named));
  const dirty = [...tracked, ...strange];
  if (dirty.length === 0) return [];
  const shown = dirty.slice(0, 10).join(', ') + (dirty.length > 10 ? ` and ${dirty.length - 10} more` : '');
  return [
    usage(
      `the tree is not clean: ${shown}`,
      'a run starts from the commit that is checked out; commit, stash (`git stash -u`) or ignore these files first',
    ),
  ];
}
