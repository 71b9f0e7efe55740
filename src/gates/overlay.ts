/** Lays the judge's files over an attempt's tree while a command runs, and takes them away again. */
import { lstat, readFile, readlink, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JudgeTexts } from './judge-files.ts';

export interface Overlay {
  /** Paths that stand as in the base commit now; empty where the attempt changed none. */
  readonly files: readonly string[];
  /** Puts the attempt's own files back. */
  readonly restore: () => Promise<void>;
}

/** Replaces the files by the given texts until `restore`. @throws where the tree cannot be written */
export async function layOver(cwd: string, texts: JudgeTexts): Promise<Overlay> {
  const undo: (() => Promise<void>)[] = [];
  const restore = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    for (const [file, text] of texts) undo.push(await replace(path.join(cwd, file), text));
  } catch (error) {
    await restore();
    throw error;
  }
  return { files: [...texts.keys()], restore };
}

/** Writes a new file in the place of whatever is there (never through a link); the promise is how to undo it. */
async function replace(file: string, text: string | null): Promise<() => Promise<void>> {
  const before = await lstat(file).catch(() => null);
  const link = before?.isSymbolicLink() ? await readlink(file) : null;
  const content = before?.isFile() ? await readFile(file) : null;
  if (before && link === null && content === null) throw new Error(`${file} is neither a file nor a link`);
  await rm(file, { force: true });
  if (text !== null)
    await writeFile(file, text, { flag: 'wx', mode: content && before ? before.mode & 0o777 : 0o644 });
  return async () => {
    await rm(file, { force: true });
    if (link !== null) await symlink(link, file);
    if (content === null || !before) return;
    await writeFile(file, content, { flag: 'wx', mode: before.mode & 0o777 });
    await utimes(file, before.atime, before.mtime);
  };
}
