/** From paths as people and programs spell them to mounts: links resolved, and shown where they are passed. */
import {
  type Dirent,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Mount } from './sandbox.ts';

/** A path that is shown, with the links on the way to it; nothing where there is none. */
export function shown(kind: 'read' | 'write', path: string): readonly Mount[] {
  // Most of what is asked for is nowhere, and an error costs more than a question.
  if (!existsSync(path)) return [];
  try {
    return [...linksOn(path), { kind, path: realpathSync.native(path) }];
  } catch {
    // It is not there, or not for us: then it is not there in the sandbox either.
    return [];
  }
}

/** A path that must not be seen; nothing where there is none. */
export function hidden(path: string): readonly Mount[] {
  try {
    const real = realpathSync.native(path);
    return [{ kind: 'hide', path: real, isFile: !lstatSync(real).isDirectory() }];
  } catch {
    return [];
  }
}

function linksOn(path: string): readonly Mount[] {
  const links: Mount[] = [];
  let folder = '/';
  for (const name of path.split('/').filter((part) => part !== '')) {
    const place = join(folder, name);
    if (!lstatSync(place).isSymbolicLink()) {
      folder = place;
      continue;
    }
    const target = readlinkSync(place);
    links.push({ kind: 'link', path: place, target }, ...linksOn(resolve(folder, target)));
    folder = realpathSync.native(place);
  }
  return links;
}

/** True for a folder that a home lies in, and for the home itself: nothing that is only named may show these. */
export function holdsHome(folder: string, home: string | null): boolean {
  const path = join(folder, '/');
  return path === '/' || (home !== null && join(home, '/').startsWith(path));
}

/**
 * What a program needs of the package that it lies in: everything at its top that is no dot file (`.git`, `.env`), and the
 * whole `node_modules` around it, for there its dependencies are; outside of any package the file itself. Files may be
 * links, as those in a `bin` folder are.
 */
export function programFiles(files: readonly string[], home: string | null): readonly Mount[] {
  return files.filter(isFile).flatMap((file) => [...shown('read', file), ...packageOf(file, home)]);
}

/** Arguments of a program may be anything: words, folders, files that are not there. */
function isFile(path: string): boolean {
  return isAbsolute(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function packageOf(file: string, home: string | null): readonly Mount[] {
  try {
    for (
      let folder = dirname(realpathSync.native(file));
      !holdsHome(folder, home);
      folder = dirname(folder)
    ) {
      const names = readdirSync(folder);
      if (!names.includes('package.json')) continue;
      const own = names.filter((name) => !name.startsWith('.')).map((name) => join(folder, name));
      return [...own, ...modulesAround(folder)].flatMap((path) => shown('read', path));
    }
  } catch {
    // Nobody can start what cannot be read; that is told then.
  }
  return [];
}

/** The outermost `node_modules` that a package lies in: npm puts its dependencies beside it, pnpm links to them. */
function modulesAround(folder: string): readonly string[] {
  const [top = '', ...inner] = join(folder, '/').split('/node_modules/');
  return inner.length === 0 ? [] : [`${top}/node_modules`];
}

/** A repository's object store with those that it borrows from, so that git finds every commit. */
export function objectStores(objects: string): readonly Mount[] {
  const found = new Set<string>();
  const queue = [objects];
  for (const store of queue) {
    if (found.has(store)) continue;
    found.add(store);
    queue.push(...alternatesOf(store));
  }
  return [...found].flatMap((store) => shown('read', store));
}

/** @source gitrepository-layout(5), "objects/info/alternates" (read 2026-11) */
function alternatesOf(store: string): string[] {
  try {
    const lines = readFileSync(join(store, 'info', 'alternates'), 'utf8').split('\n');
    return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => resolve(store, line));
  } catch {
    return [];
  }
}

/** What other users of this machine may not read in a folder, two levels deep: that is where secrets are. */
export function closedTo(folder: string): readonly Mount[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (isClosed(path)) return hidden(path);
    if (!entry.isDirectory()) return [];
    return entriesOf(path)
      .map(({ name }) => join(path, name))
      .filter(isClosed)
      .flatMap(hidden);
  });
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isClosed(path: string): boolean {
  try {
    const found = lstatSync(path);
    return !found.isSymbolicLink() && (found.mode & 0o004) === 0;
  } catch {
    return false;
  }
}
