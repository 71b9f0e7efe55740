/** A project as detection sees it, and the commands that it is asked for. */
import type { Goal } from './validation.ts';

/** A tree: texts of one commit, names of the tree on disk. Paths are relative, `''` is the top. */
export interface Project {
  /** Null where there is no such text file. */
  readonly read: (path: string) => Promise<string | null>;
  /** Names in a folder of the attempt's tree; null where there is no such folder. */
  readonly list: (folder: string) => Promise<readonly string[] | null>;
}

/** A shell text, and what it finds in its environment beside what every command does. */
export interface Script {
  readonly text: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Command {
  /** Where it runs, relative to the tree. */
  readonly folder: string;
  /** Run in this order until one fails. */
  readonly texts: readonly Script[];
  /** Where it comes from, for messages: ``script `test` of package.json``. */
  readonly source: string;
}

/** A folder that is asked for one goal's command. */
export interface Place {
  readonly project: Project;
  readonly folder: string;
  readonly goal: Goal;
}

export function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** The folder of a path; `''` is the top. */
export function folderOf(file: string): string {
  return file.split('/').slice(0, -1).join('/');
}

/** `a/b` → `a/b`, `a`, `''`. */
export function upwards(folder: string): readonly string[] {
  const parts = folder === '' ? [] : folder.split('/');
  return Array.from({ length: parts.length + 1 }, (_, index) =>
    parts.slice(0, parts.length - index).join('/'),
  );
}

export function has({ project, folder }: Place, name: string): Promise<boolean> {
  return project.read(join(folder, name)).then((text) => text !== null);
}

/** A command that is one text without variables of its own; null where there is none. */
export function plain(place: Place, marker: string, text: string | null | undefined): Command | null {
  if (!text) return null;
  return { folder: place.folder, texts: [{ text, env: {} }], source: join(place.folder, marker) };
}
