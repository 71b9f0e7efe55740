/** Where workflows and validators are looked for: the project, the user, the playbook that ships. The first that has one wins. */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limits } from '../limits.ts';
import type { Library } from './collect.ts';
import { readPlainFile } from './plain-file.ts';

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

/**
 * A workflow by its name (`implement-spec`), a validator by its path (`validators/arch-review`), as they are called and
 * run; null where no folder has it. A `workflows/` in front and an ending are allowed.
 */
export function findWorkflow(folders: PlaybookFolders, path: string): WorkflowFile | null {
  const name = path.replace(/\.ya?ml$/, '');
  const validator = /^validators\/(.+)$/.exec(name)?.[1];
  if (validator !== undefined) return findIn(shelves(folders, 'validators'), validator);
  const short = /^workflows\/(.+)$/.exec(name)?.[1];
  const all = shelves(folders, 'workflows');
  return findIn(all, name) ?? (short === undefined ? null : findIn(all, short));
}

/** True for a name or path whose folder is called `validators`. */
export function isValidatorPath(path: string): boolean {
  return basename(dirname(path)) === 'validators';
}

/** Where called workflows and validators are looked for, in the order of the search. */
export function libraryIn(folders: PlaybookFolders): Library {
  return {
    find: (path) => findWorkflow(folders, path),
    paths: () => [...workflowNames(folders), ...validatorNames(folders).map((name) => `validators/${name}`)],
  };
}

/** The names of all workflows that can be run, sorted. */
export function workflowNames(folders: PlaybookFolders): readonly string[] {
  return namesOn(shelves(folders, 'workflows'));
}

/** A workflow file by its path on disk; null where there is no such file. */
export function openWorkflowFile(path: string): WorkflowFile | null {
  if (!isFile(path)) return null;
  return workflowFile(path, path);
}

export type Kind = 'workflows' | 'validators';
export type Owner = 'project' | 'user' | 'shipped';

export interface Copy {
  readonly owner: Owner;
  readonly source: WorkflowFile;
  /** On disk, links resolved. */
  readonly path: string;
}

/** Every file of a name, in the order of the search: the first is the one that runs, the others stand behind it. */
export function copiesOf(folders: PlaybookFolders, kind: Kind, name: string): readonly Copy[] {
  return copiesOn(shelves(folders, kind), name);
}

/** The names of all validators, without their folder, sorted. */
export function validatorNames(folders: PlaybookFolders): readonly string[] {
  return namesOn(shelves(folders, 'validators'));
}

/** A folder to look in, and how messages call it: the same wherever project, home and package are. */
interface Shelf {
  readonly owner: Owner;
  readonly folder: string;
  readonly shown: string;
}

/** In the order of the search. */
function shelves({ project, user }: PlaybookFolders, kind: Kind): readonly Shelf[] {
  const shipped = kind === 'workflows' ? '' : kind;
  return [
    ...(project === null
      ? []
      : [{ owner: 'project' as const, folder: join(project, kind), shown: `.gump/${kind}` }]),
    ...(user === null
      ? []
      : [{ owner: 'user' as const, folder: join(user, kind), shown: `~/.gump/${kind}` }]),
    { owner: 'shipped', folder: join(shippedFolder, shipped), shown: join('workflows', shipped) },
  ];
}

function findIn(shelves: readonly Shelf[], name: string): WorkflowFile | null {
  return copiesOn(shelves, name)[0]?.source ?? null;
}

function copiesOn(shelves: readonly Shelf[], name: string): readonly Copy[] {
  if (!/^[A-Za-z0-9][A-Za-z0-9_./-]{0,199}$/.test(name) || name.split('/').includes('..')) return [];
  return shelves.flatMap(({ owner, folder, shown }) =>
    ['.yaml', '.yml'].flatMap((ending): Copy[] => {
      const path = contained(folder, name + ending);
      const source = path && workflowFile(join(shown, name + ending), path);
      return path && source ? [{ owner, source, path }] : [];
    }),
  );
}

function workflowFile(file: string, path: string): WorkflowFile | null {
  const folder = dirname(path);
  const text = readText(path);
  if (text === null) return null;
  return {
    file,
    text,
    readPrompt(relativePath) {
      const prompt = contained(folder, relativePath);
      return prompt ? readText(prompt) : null;
    },
  };
}

function readText(path: string): string | null {
  // One byte more than allowed is enough for the parser to refuse it.
  return readPlainFile(path, limits.workflowBytesMax + 1)?.toString('utf8') ?? null;
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

function namesOn(shelves: readonly Shelf[]): readonly string[] {
  return [...new Set(shelves.flatMap(({ folder }) => namesIn(folder)))].sort();
}

function namesIn(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name) && isFile(join(folder, name)))
    .map((name) => basename(name).replace(/\.ya?ml$/, ''));
}
