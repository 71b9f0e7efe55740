/** Where workflows and validators are looked for: the project, the user, the playbook that ships. The first that has one wins. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limits } from '../limits.ts';

export interface WorkflowFile {
  /** As messages name it. */
  readonly file: string;
  readonly text: string;
  /** Text of a prompt file beside it; null where there is none, or where it would leave the folder. */
  readonly readPrompt: (relativePath: string) => string | null;
}

export interface PlaybookFolders {
  /** The project's `.gump` folder; null where there is no project. */
  readonly project: string | null;
  /** The user's `~/.gump` folder; null where it is not to be used (a runner). */
  readonly user: string | null;
}

/** The folder `workflows/` of this package, beside `src/` and `action/`. */
export const shippedFolder = fileURLToPath(new URL('../../workflows', import.meta.url));

/** A workflow by name (`implement-spec`); null where no folder has it. */
export function findWorkflow(folders: PlaybookFolders, name: string): WorkflowFile | null {
  return findIn([...ownFolders(folders, 'workflows'), shippedFolder], name);
}

/** A validator by its path (`validators/arch-review`); null where no folder has it. */
export function findValidator(folders: PlaybookFolders, path: string): WorkflowFile | null {
  const name = path.replace(/^validators\//, '');
  return findIn([...ownFolders(folders, 'validators'), join(shippedFolder, 'validators')], name);
}

/** The names of all workflows that can be run, sorted. */
export function workflowNames(folders: PlaybookFolders): readonly string[] {
  const all = [...ownFolders(folders, 'workflows'), shippedFolder].flatMap(namesIn);
  return [...new Set(all)].sort();
}

/** A workflow file by its path on disk; null where there is no such file. */
export function openWorkflowFile(path: string): WorkflowFile | null {
  if (!isFile(path)) return null;
  return workflowFile(path, path);
}

function ownFolders({ project, user }: PlaybookFolders, kind: string): string[] {
  return [project, user].flatMap((folder) => (folder === null ? [] : [join(folder, kind)]));
}

function findIn(folders: readonly string[], name: string): WorkflowFile | null {
  if (!/^[A-Za-z0-9][A-Za-z0-9_./-]{0,199}$/.test(name) || name.split('/').includes('..')) return null;
  for (const folder of folders) {
    for (const ending of ['.yaml', '.yml']) {
      const path = contained(folder, name + ending);
      if (path) return workflowFile(shownName(folder, path), path);
    }
  }
  return null;
}

/** Shipped files are named as in the package, so that a run's snapshot does not depend on where it is installed. */
function shownName(folder: string, path: string): string {
  if (!folder.startsWith(shippedFolder)) return path;
  return join('workflows', path.slice(realpathSync(shippedFolder).length + 1));
}

function workflowFile(file: string, path: string): WorkflowFile {
  const folder = dirname(path);
  return {
    file,
    text: readText(path),
    readPrompt(relativePath) {
      const prompt = contained(folder, relativePath);
      return prompt ? readText(prompt) : null;
    },
  };
}

function readText(path: string): string {
  // One byte more than allowed is enough for the parser to refuse it.
  return readFileSync(path)
    .subarray(0, limits.workflowBytesMax + 1)
    .toString('utf8');
}

/** The real path of a plain file that, links resolved, lies inside the folder; else null. */
function contained(folder: string, relativePath: string): string | null {
  const path = join(folder, relativePath);
  if (!isFile(path)) return null;
  const real = realpathSync(path);
  return real.startsWith(realpathSync(folder) + sep) ? real : null;
}

function isFile(path: string): boolean {
  return !path.includes('\0') && existsSync(path) && statSync(path).isFile();
}

function namesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => basename(name).replace(/\.ya?ml$/, ''));
}
