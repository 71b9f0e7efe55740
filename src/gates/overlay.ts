/**
 * Lays the judge's files of the base commit over an attempt's tree while a command runs: the scripts of every
 * package.json and every Makefile, so that `npm run unit` inside `test`, or `make -C lib`, cannot be weakened either.
 */
import { lstat, readdir, readFile, readlink, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { limits } from '../limits.ts';
import { join } from './markers.ts';

export interface Overlay {
  /** Paths that stand as in the base commit now; empty where the attempt changed none. */
  readonly files: readonly string[];
  /** Puts the attempt's own files back. */
  readonly restore: () => Promise<void>;
}

/** What has to stand in the tree while it is judged, by path; null: the file has to be away. */
export type JudgeTexts = ReadonlyMap<string, string | null>;

/**
 * Finds the judge's files that the attempt changed; text where they cannot be told.
 * A file that it removed stays away: the command fails by itself.
 */
export async function changedJudgeFiles(options: {
  readonly cwd: string;
  readonly readBase: (path: string) => Promise<string | null>;
}): Promise<JudgeTexts | string> {
  const { cwd, readBase } = options;
  const files = await judgeFilesIn(cwd);
  if (files === null) return tooManyEntries;
  const changed = new Map<string, string | null>();
  for (const file of files) {
    const base = await readBase(file);
    const head = await textOf(path.join(cwd, file));
    if (base === null) {
      if (await hidesMakefile(file, readBase)) changed.set(file, null);
      continue;
    }
    const wanted = path.basename(file) === 'package.json' ? withScripts(head, base) : base;
    if (wanted !== head) changed.set(file, wanted);
  }
  return changed;
}

const tooManyEntries = `the tree has more than ${limits.projectEntriesMax.toLocaleString('en-US')} entries, so not every package.json and Makefile could be compared with the run's first commit`;

/** Why a gate fails where the judge's files cannot be told, and what a person can do. */
export function notJudged(cause: string): string {
  return `not judged: ${cause}; in gump.toml, [validation] can name commands that start no package script and no Makefile, or \`from = "head"\` to trust the attempt's own`;
}

/** True for a shell text that runs scripts of a package.json or targets of a Makefile. */
export function startsScripts(text: string): boolean {
  return /\b(npm|npx|pnpm|yarn|bun|g?make)\b/.test(text);
}

/** A new `GNUmakefile` would be taken before the `Makefile` that the base has. @source GNU make 4.4 manual, 3.2 */
async function hidesMakefile(
  file: string,
  readBase: (path: string) => Promise<string | null>,
): Promise<boolean> {
  const folder = file.includes('/') ? path.posix.dirname(file) : '';
  const rank = makefileNames.indexOf(path.basename(file));
  if (rank < 0) return false;
  const later = await Promise.all(makefileNames.slice(rank + 1).map((name) => readBase(join(folder, name))));
  return later.some((text) => text !== null);
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

const makefileNames: readonly string[] = ['GNUmakefile', 'makefile', 'Makefile'];

function isJudgeFile(name: string): boolean {
  return name === 'package.json' || name.endsWith('.mk') || makefileNames.includes(name);
}

/** Paths in the tree, the top first; links are not followed, installed packages not looked into. Null where it is too large. */
async function judgeFilesIn(cwd: string): Promise<readonly string[] | null> {
  const found: string[] = [];
  const folders = [''];
  let seen = 0;
  for (const folder of folders) {
    // An attempt can make the entries itself, so what lies behind them must not count as unchanged.
    if (seen > limits.projectEntriesMax) return null;
    const entries = await readdir(path.join(cwd, folder), { withFileTypes: true }).catch(() => []);
    seen += entries.length;
    for (const entry of entries) {
      if (entry.isDirectory() && !skipped.has(entry.name)) folders.push(join(folder, entry.name));
      else if (!entry.isDirectory() && isJudgeFile(entry.name)) found.push(join(folder, entry.name));
    }
  }
  return found;
}

const skipped = new Set(['node_modules', '.git', '.venv']);

/** The text of a file, read through a link as tools do; null where it is none or far too large to be one. */
async function textOf(file: string): Promise<string | null> {
  const found = await stat(file).catch(() => null);
  return found?.isFile() && found.size <= limits.judgeFileBytesMax ? readFile(file, 'utf8') : null;
}

/**
 * The attempt's package.json with the base's scripts; scripts that the attempt added stay, a broken file stays broken.
 * One that is not read here (far too large, a link to nowhere) is the base's as a whole: npm might read it.
 */
function withScripts(head: string | null, base: string): string | null {
  if (head === null) return base;
  const [own, judge] = [manifestOf(head), manifestOf(base)];
  if (!own || !judge) return head;
  const [scripts, wanted] = [scriptsOf(own), scriptsOf(judge)];
  const isSame = Object.entries(wanted).every(([name, text]) => scripts[name] === text);
  return isSame ? head : `${JSON.stringify({ ...own, scripts: { ...scripts, ...wanted } }, null, 2)}\n`;
}

/** A byte order mark is no part of JSON, but package managers read over it. */
function manifestOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function scriptsOf({ scripts }: Record<string, unknown>): Record<string, unknown> {
  return typeof scripts === 'object' && scripts !== null ? { ...scripts } : {};
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
