/**
 * The two git directories of a tree, both made by hand: the engine's private one, which no agent's command uses,
 * and the throw-away one that an agent finds in its tree and may do anything to.
 */
import { constants } from 'node:fs';
import { access, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { GumpError } from '../errors.ts';
import { gumpAuthor } from './commit.ts';
import { runGit, splitNul, userEnvironment } from './git.ts';
import { removeTree } from './remove.ts';

/** What both directories take over from the user's repository. */
export interface Inheritance {
  /** The object store, absolute. */
  readonly objects: string;
  readonly objectFormat: 'sha1' | 'sha256';
  /** `core.*` settings that decide how files look in a tree. */
  readonly core: readonly (readonly [string, string])[];
  /** Ignore rules that are in no tree: the user's own and `info/exclude`, in the order of their weight. */
  readonly exclude: string;
  /** The commits where a shallow clone ends; null where it is not shallow. */
  readonly shallow: string | null;
}

const copiedSettings = new Set([
  'core.autocrlf',
  'core.eol',
  'core.filemode',
  'core.symlinks',
  'core.ignorecase',
  'core.precomposeunicode',
]);

/**
 * Reads what trees need from a git directory (a `.git` folder, a linked worktree's, or a bare repository).
 * @throws GumpError `git` when it is none.
 */
export async function inherit(gitDir: string): Promise<Inheritance> {
  const common = await commonDirectory(gitDir);
  const objects = join(common, 'objects');
  await access(objects).catch((cause: unknown) => {
    throw new GumpError(`There is no git repository at ${gitDir}`, { code: 'git', cause });
  });
  const settings = await readSettings(common);
  return {
    objects,
    objectFormat: settings.get('extensions.objectformat') === 'sha256' ? 'sha256' : 'sha1',
    core: [...settings].filter(([key]) => copiedSettings.has(key)),
    exclude: await readExcludes(common, settings.get('core.excludesfile')),
    shallow: await readText(join(common, 'shallow')),
  };
}

/** Makes the engine's git directory anew; nothing in it has to survive. */
export async function makeEngineDirectory(dir: string, from: Inheritance): Promise<void> {
  await removeTree(dir);
  await makeDirectory(dir, from, [
    ['core', 'bare', 'true'],
    ['core', 'attributesFile', '/dev/null'],
    ['core', 'excludesFile', '/dev/null'],
    // Never core.splitIndex: with skipHash it corrupts the index.
    ['core', 'splitIndex', 'false'],
    ['index', 'version', '4'],
    ['index', 'skipHash', 'true'],
    ['checkout', 'workers', '4'],
  ]);
  await writeFile(join(dir, 'HEAD'), 'ref: refs/heads/none\n');
}

/**
 * Makes the `.git` that an agent sees, standing detached on `commit`, with a copy of the index.
 * Whatever is there now is removed, without following links.
 */
export async function makeAgentDirectory(
  tree: string,
  from: Inheritance,
  state: { readonly commit: string; readonly index: string },
): Promise<void> {
  const dir = join(tree, '.git');
  await removeTree(dir);
  await makeDirectory(dir, from, [
    ['core', 'bare', 'false'],
    ['user', 'name', gumpAuthor.name],
    ['user', 'email', gumpAuthor.email],
    ['gc', 'auto', '0'],
  ]);
  await Promise.all([
    writeFile(join(dir, 'HEAD'), `${state.commit}\n`),
    writeFile(join(dir, 'objects', 'info', 'alternates'), `${from.objects}\n`),
    copyFile(state.index, join(dir, 'index'), constants.COPYFILE_FICLONE),
  ]);
}

async function makeDirectory(
  dir: string,
  from: Inheritance,
  settings: readonly (readonly [string, string, string])[],
): Promise<void> {
  await mkdir(join(dir, 'objects', 'info'), { recursive: true });
  await Promise.all([
    mkdir(join(dir, 'objects', 'pack')),
    mkdir(join(dir, 'refs', 'heads'), { recursive: true }),
    mkdir(join(dir, 'info')),
  ]);
  await Promise.all([
    writeFile(join(dir, 'config'), configuration(from, settings)),
    writeFile(join(dir, 'info', 'exclude'), from.exclude),
    from.shallow === null ? undefined : writeFile(join(dir, 'shallow'), from.shallow),
  ]);
}

function configuration(from: Inheritance, settings: readonly (readonly [string, string, string])[]): string {
  const sha256 = from.objectFormat === 'sha256';
  const lines = [`[core]\n\trepositoryFormatVersion = ${sha256 ? 1 : 0}`];
  if (sha256) lines.push('[extensions]\n\tobjectFormat = sha256');
  for (const [key, value] of from.core)
    lines.push(`[core]\n\t${key.slice('core.'.length)} = ${quote(value)}`);
  for (const [section, key, value] of settings) lines.push(`[${section}]\n\t${key} = ${quote(value)}`);
  return `${lines.join('\n')}\n`;
}

function quote(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}

/** The directory that holds the objects: another one for a linked worktree. */
export async function commonDirectory(gitDir: string): Promise<string> {
  const named = await readText(join(gitDir, 'commondir'));
  return named === null ? resolve(gitDir) : resolve(gitDir, named.trim());
}

async function readSettings(common: string): Promise<Map<string, string>> {
  const env = userEnvironment({ GIT_DIR: common });
  const { stdout } = await runGit(['config', '--null', '--list'], { cwd: common, env });
  const settings = new Map<string, string>();
  for (const entry of splitNul(stdout)) {
    const end = entry.indexOf('\n');
    // A key without a value means true.
    if (end < 0) settings.set(entry, 'true');
    else settings.set(entry.slice(0, end), entry.slice(end + 1));
  }
  return settings;
}

async function readExcludes(common: string, named: string | undefined): Promise<string> {
  const home = process.env.HOME ?? homedir();
  const fallback = join(process.env.XDG_CONFIG_HOME ?? join(home, '.config'), 'git', 'ignore');
  const path = named === undefined ? fallback : named.replace(/^~(?=\/)/, home);
  const own = isAbsolute(path) ? await readText(path) : null;
  const local = await readText(join(common, 'info', 'exclude'));
  return [own, local]
    .filter((text) => text !== null)
    .map((text) => (text.endsWith('\n') ? text : `${text}\n`))
    .join('');
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
