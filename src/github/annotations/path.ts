/** Paths as tools print them → paths of the repository. The tree that was judged is gone; only what was changed is known. */
import { limits } from '../../limits.ts';

/** A relative path that stays inside; null for one that does not, is absolute, or belongs to a package. */
export function relativePath(path: string): string | null {
  const plain = path.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  if (plain === '' || isAbsolute(plain) || hidden.test(plain)) return null;
  return outside.test(plain) ? null : plain;
}

const outside = /(?:^|\/)(?:\.\.?|node_modules|site-packages|\.git|\.venv)(?:\/|$)|\/\/|\/$/;

/** Line ends, escape sequences, halves of characters and marks that turn text around: an address can spell what cleaning has not seen. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}]/u;

export type ResolvePath = (path: string) => string | null;

interface Clues {
  /** Paths of the repository, as far as it is known what is there. */
  readonly known: readonly string[];
  /** Absolute paths of the same log: where one ends with a known path, what is before it is the tree's root. */
  readonly seen: Iterable<string>;
  /** What the log itself calls the root; null where it does not. */
  readonly told: string | null;
}

export function pathResolver({ known, seen, told }: Clues): ResolvePath {
  const ends = createEnds(known);
  const root = rootOf(seen, ends) ?? (told === null ? null : `${told.replace(/\/+$/, '')}/`);
  return (printed) => {
    const path = printed.replaceAll('\\', '/');
    if (hidden.test(path)) return null;
    if (!isAbsolute(path)) return relativePath(path);
    if (root !== null && path.startsWith(root)) return relativePath(path.slice(root.length));
    return outside.test(path) ? null : ends(path);
  };
}

export function isAbsolute(path: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:)/.test(path);
}

/** The end of an absolute path that is known: the path itself, or one beside it in a folder of two names at least. */
function createEnds(known: readonly string[]): (path: string) => string | null {
  const paths = new Set(known);
  const folders = new Set(known.map(folderOf).filter((folder) => folder.includes('/')));
  return (path) => {
    const names = path.split('/').slice(-limits.annotationPathDepthMax);
    for (let from = 1; from < names.length; from++) {
      const end = names.slice(from).join('/');
      if (paths.has(end) || folders.has(folderOf(end))) return end;
    }
    return null;
  };
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The one that most of the paths share. */
function rootOf(seen: Iterable<string>, ends: (path: string) => string | null): string | null {
  const roots = new Map<string, number>();
  for (const path of seen) {
    const end = outside.test(path) ? null : ends(path);
    if (end === null) continue;
    const root = path.slice(0, path.length - end.length);
    roots.set(root, (roots.get(root) ?? 0) + 1);
  }
  const [first] = [...roots].sort(([a, m], [b, n]) => n - m || a.length - b.length);
  return first?.[0] ?? null;
}

/** True for `example.com`, which a log may name with a port as compilers name a file with a line. */
export function isHost(path: string): boolean {
  return /^[\w.-]+\.(?:com|org|net|io|dev|local|localdomain)$/i.test(path) || /^\d+(?:\.\d+){3}$/.test(path);
}
