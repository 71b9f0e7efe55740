/** The workflows of a repository that is not checked out, and those that ship: what is called is fetched before it is asked for. */
import { limits } from '../limits.ts';
import type { Library } from '../playbook/collect.ts';
import { findWorkflow, type WorkflowFile, workflowNames } from '../playbook/source.ts';
import { calledPaths } from '../workflow/called.ts';
import { parseWorkflow } from '../workflow/parse.ts';

type ReadFile = (path: string) => Promise<string | null>;

const shipped = { project: null, user: null };

export interface RepositoryLibrary extends Library {
  /** True where it holds all that there is; false where the workflow calls more than are fetched. */
  readonly isWhole: boolean;
}

/** A workflow by its name, a validator by its path: the repository's own, else the one that ships; null where there is none. */
export async function fetchWorkflow(path: string, readFile: ReadFile): Promise<WorkflowFile | null> {
  const [folder, name] = placeOf(path);
  for (const ending of ['.yaml', '.yml']) {
    const file = `.gump/${folder}/${name}${ending}`;
    const text = await readFile(file);
    // What a prompt file says does not matter here, only that the workflow has one.
    if (text !== null) return { file, text, readPrompt: () => '(not read)' };
  }
  return findWorkflow(shipped, path);
}

function placeOf(path: string): readonly [folder: string, name: string] {
  const [, folder = 'workflows', name = path] = /^(validators|workflows)\/(.+)$/.exec(path) ?? [];
  return [folder, name.replace(/\.ya?ml$/, '')];
}

/** All that a workflow calls, directly and through others, at most so many. */
export async function fetchLibrary(main: WorkflowFile, readFile: ReadFile): Promise<RepositoryLibrary> {
  const found = new Map<string, WorkflowFile | null>();
  const waiting = callsIn(main);
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (found.has(path)) continue;
    if (found.size >= limits.describedWorkflowsMax) return libraryOf(found, false);
    const file = await fetchWorkflow(path, readFile);
    found.set(path, file);
    if (file) waiting.push(...callsIn(file));
  }
  return libraryOf(found, true);
}

function callsIn({ file, text, readPrompt }: WorkflowFile): string[] {
  const { workflow } = parseWorkflow({ file, text, readPrompt });
  return workflow ? calledPaths(workflow).map(({ path }) => path) : [];
}

function libraryOf(found: ReadonlyMap<string, WorkflowFile | null>, isWhole: boolean): RepositoryLibrary {
  const there = [...found].flatMap(([path, file]) => (file ? [path] : []));
  return {
    isWhole,
    find: (path) => found.get(path) ?? null,
    paths: () => [...new Set([...workflowNames(shipped), ...there])],
  };
}
