/** A run in somebody's repository: private trees, result on `gump/run-<id>`, the user's branch and tree untouched. */
import { readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { composeAgents, newRunId } from '../compose.ts';
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import type { RunSettings } from '../events/event.ts';
import { dirtyFiles, excludeOurs, type Repository } from '../git/repository.ts';
import { createRunFolder, runFolder } from '../ledger/run-folder.ts';
import { encodeSnapshot } from '../playbook/collect.ts';
import { startedFact } from './facts.ts';
import { execute, type LocalHost, type LocalResult, refused, usage } from './local-run.ts';
import { checkAgents, preparePlan, prepareWorkflow } from './prepare.ts';
import { openHere, readScript, readSpecFile } from './read-files.ts';

export interface NewLocalRun extends LocalHost {
  readonly workflow: string;
  readonly specPath: string;
  readonly agentScript: string | null;
  readonly settings: RunSettings;
  /** From a path as typed to one that can be opened. */
  readonly resolvePath: (path: string) => string;
}

/** @throws GumpError when the world breaks on the way; the run can be resumed. */
export async function startLocalRun(order: NewLocalRun): Promise<LocalResult> {
  const repository = await openHere(order.repository);
  if ('problem' in repository) return refused(repository.problem);
  const spec = readSpecFile(order.specPath, order.resolvePath);
  const folders = { project: join(repository.root, '.gump'), user: join(homedir(), '.gump') };
  const files = prepareWorkflow(folders, order.workflow, order.resolvePath);
  const script = readScript(order.agentScript, order.resolvePath);
  const inputs = [order.specPath, order.agentScript, order.workflow].flatMap((path) =>
    path ? [order.resolvePath(path)] : [],
  );
  const dirty = await refuseDirty(repository, inputs);
  const problems = [...spec.diagnostics, ...files.diagnostics, ...script.diagnostics, ...dirty];
  if (!('value' in spec && 'value' in files && 'value' in script) || hasErrors(problems))
    return refused(...problems);

  const run = newRunId(new Date().toISOString());
  const planned = preparePlan({
    run,
    files: files.value,
    spec: spec.value,
    base: repository.head,
    settings: order.settings,
  });
  const agents = composeAgents({
    script: script.value,
    self: order.self,
    folder: runFolder(repository.root, run),
  });
  const missing = 'value' in planned ? checkAgents(planned.value, agents) : [];
  const diagnostics = [...problems, ...planned.diagnostics, ...missing];
  if (!('value' in planned) || hasErrors(diagnostics)) return refused(...diagnostics);

  await excludeOurs(repository);
  const folder = await createRunFolder({
    root: repository.root,
    run,
    workflow: planned.value.workflow,
    ts: new Date().toISOString(),
    spec: spec.value.text,
    snapshot: encodeSnapshot(files.value),
  });
  const opening = [startedFact(planned.value)];
  return execute({
    host: order,
    repository,
    folder,
    plan: planned.value,
    agents,
    past: [],
    opening,
    diagnostics,
  });
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
async function refuseDirty(
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
