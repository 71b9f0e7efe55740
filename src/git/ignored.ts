/**
 * The ignore rules of the run's first commit. An attempt may write rules of its own, but a file that only they hide
 * is in no commit, so it must not stand in a tree that is judged (R8).
 */
import { writeFile } from 'node:fs/promises';
import type { Changes } from './changes.ts';
import { type Environment, runGit } from './git.ts';
import type { ObjectReader } from './objects.ts';

export interface IgnoreRules {
  /** A file for `--exclude-from` that says what the first commit, `info/exclude` and the user's own rules ignore. */
  file(): Promise<string>;
  /** True where a commit may have other `.gitignore` files than the first one. */
  differ(commit: string): Promise<boolean>;
}

export interface IgnoreSource {
  readonly place: { readonly cwd: string; readonly env: Environment };
  readonly objects: ObjectReader;
  readonly changes: Changes;
  readonly base: string;
  /** Rules that are in no tree, the weakest first. */
  readonly exclude: string;
  /** Where the rules are written to, once. */
  readonly path: string;
}

export function createIgnoreRules(source: IgnoreSource): IgnoreRules {
  const known = new Map<string, boolean>([[source.base, false]]);
  let written: Promise<void> | null = null;
  return {
    file: async () => {
      written ??= writeRules(source);
      try {
        await written;
      } catch (error) {
        written = null;
        throw error;
      }
      return source.path;
    },
    differ: async (commit) => {
      const found = known.get(commit);
      if (found !== undefined) return found;
      const differs = (await source.changes.since(commit)).some(isRules);
      known.set(commit, differs);
      return differs;
    },
  };
}

const rulesName = '.gitignore';

function isRules(path: string): boolean {
  return path === rulesName || path.endsWith(`/${rulesName}`);
}

/** Bytes are kept as they are (`latin1`): neither names nor rules need be UTF-8. */
async function writeRules({ place, objects, base, exclude, path }: IgnoreSource): Promise<void> {
  const { stdout } = await runGit(['ls-tree', '-r', '-z', base], place);
  const parts: string[] = [];
  for (const { id, folder } of rulesIn(stdout.toString('latin1'))) {
    const bytes = await objects.contents(id);
    if (bytes) parts.push(flattenRules(folder, bytes.toString('latin1')));
  }
  await writeFile(path, Buffer.concat([Buffer.from(exclude), Buffer.from(parts.join(''), 'latin1')]));
}

/** The nearest to the top first: of several rules for a path git takes the last. A link is not read, as git does. */
function rulesIn(listing: string): readonly { readonly id: string; readonly folder: string }[] {
  return listing
    .split('\0')
    .filter((entry) => /^100\d{3} blob /.test(entry))
    .map((entry) => ({ id: entry.split(/[ \t]/, 3)[2] ?? '', path: entry.slice(entry.indexOf('\t') + 1) }))
    .filter(({ path }) => isRules(path))
    .map(({ id, path }) => ({ id, folder: path.slice(0, -rulesName.length - 1) }))
    .sort((a, b) => depth(a.folder) - depth(b.folder));
}

function depth(folder: string): number {
  return folder === '' ? 0 : folder.split('/').length;
}

/**
 * The rules of a folder's `.gitignore` as rules of the top folder; each line ends with a line feed.
 * @source gitignore(5), "PATTERN FORMAT", and git 2.39 dir.c (read 2026-11).
 */
export function flattenRules(folder: string, text: string): string {
  // A rule's line cannot hold such a name; fewer rules ignore less, which is safe.
  if (folder.includes('\n')) return '';
  const lines = text.replace(/^(\uFEFF|\u00EF\u00BB\u00BF)/, '').split('\n');
  return lines.map((line) => ruleBelow(folder, line.replace(/\r$/, ''))).join('');
}

function ruleBelow(folder: string, line: string): string {
  if (line.startsWith('#')) return '';
  const rule = withoutSpacesBehind(line);
  const sign = rule.startsWith('!') ? '!' : '';
  const pattern = rule.slice(sign.length);
  if (pattern.replace(/\/$/, '') === '') return '';
  if (folder === '') return `${rule}\n`;
  const top = `/${folder.replace(/[\\*?[\]]/g, '\\$&')}/`;
  const isAnchored = pattern.slice(0, -1).includes('/');
  return `${sign}${top}${isAnchored ? pattern.replace(/^\//, '') : `**/${pattern}`}\n`;
}

/** Spaces count where a backslash stands before them. */
function withoutSpacesBehind(line: string): string {
  return /^(?:\\[\s\S]|[^\\ ]|\\$| +(?=[^ ]))*/.exec(line)?.[0] ?? '';
}
