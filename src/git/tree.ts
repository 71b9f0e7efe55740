/**
 * One tree on disk with its private index. It is made lazily, brought exactly to a commit each time it is handed out,
 * and used by the engine through its own git directory only: what an agent does to the tree's `.git` reaches nothing.
 */
import { lstat, mkdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GumpError } from '../errors.ts';
import { type Inheritance, makeAgentDirectory } from './directories.ts';
import { type Environment, runGit, splitNul } from './git.ts';
import type { IgnoreRules } from './ignored.ts';
import { emptySubmodules, hasRealParents, unpackNested } from './nested.ts';
import { removeTree } from './remove.ts';
import { createTurns } from './turns.ts';

export interface TreePlace {
  readonly dir: string;
  /** Outside of the tree. */
  readonly index: string;
  /** A folder on the same disk for what is moved out of the way; it may be emptied at any time. */
  readonly trash: string;
  readonly env: Environment;
  readonly inheritance: Inheritance;
  readonly rules: IgnoreRules;
  /** Paths of the submodules at a commit. */
  readonly submodules: (commit: string) => Promise<readonly string[]>;
  /** At most so many checkouts at once. */
  readonly checkouts: <T>(job: () => Promise<T>) => Promise<T>;
  readonly onNotice: (message: string) => void;
}

export interface WorkingTree {
  readonly dir: string;
  /** The commit it stands on; null before the first use. */
  commit(): string | null;
  /**
   * Brings the tree exactly to the commit and renews the agent's `.git`. Ignored files stay where the run's first
   * commit ignores them too; the promise is the others, which were taken away since the tree came to this commit.
   */
  stand(commit: string): Promise<readonly string[]>;
  /** Puts all changes into the private index and gives its tree object. */
  stage(): Promise<string>;
  /** Like `stage`, where a repository inside the tree got in as a link: its files are taken instead. */
  restage(links: readonly string[]): Promise<string>;
  /** Says that the index as it is now is what `commit` holds; null: what no commit holds. */
  committed(commit: string | null): void;
  /** Paths that differ from the commit it stands on, sorted; `.` where the tree itself is gone. */
  changes(): Promise<readonly string[]>;
  /** Removes what is in no commit at the paths that `isHeld` names; those paths, sorted. */
  takeAway(isHeld: (path: string) => boolean): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** A tree's time stamps are in whole seconds for git: only an index written in a later second can be trusted without reading files. */
const settleMs = 1_100;

export function createTree(place: TreePlace): WorkingTree {
  const env: Environment = { ...place.env, GIT_WORK_TREE: place.dir, GIT_INDEX_FILE: place.index };
  const git = (args: readonly string[], stdin = '') => runGit(args, { cwd: place.dir, env, stdin });
  const inTurn = createTurns(1);
  let commit: string | null = null;
  let hidden: readonly string[] = [];
  let refresh: NodeJS.Timeout | undefined;

  const look = async (rules = '--exclude-standard') => {
    const { stdout } = await git(['ls-files', '-z', '-m', '-o', rules]);
    return [...new Set(splitNul(stdout))].sort();
  };
  const isAsCommitted = async (target: string) => {
    const looks = [look(`--exclude-from=${await place.rules.file()}`)];
    if (await place.rules.differ(target)) looks.push(look());
    return (await Promise.all(looks)).every((paths) => paths.length === 0);
  };
  const standHere = async (target: string) => {
    const usable = await isUsable(place);
    if (usable) await emptySubmodules(place, target);
    if (usable && commit === target && (await isAsCommitted(target))) return;
    const own = usable ? await reset(place, git, target).catch(() => null) : null;
    if (own === null) await create(target);
    hidden = commit === target ? [...hidden, ...(own ?? [])] : (own ?? []);
    commit = target;
    if (own !== null && own.length > 0) place.onNotice(tellHidden(place.dir, own));
  };
  const create = async (target: string) => {
    clearTimeout(refresh);
    await place.checkouts(() => checkOut(place, git, target));
    refresh = setTimeout(() => {
      void inTurn(() => git(['update-index', '-q', '--refresh', '--force-write-index'])).catch(
        () => undefined,
      );
    }, settleMs);
    refresh.unref();
  };
  /** Nobody can say what a tree held that is gone, so it counts as unchanged; the run goes on. */
  const standAgain = async () => {
    if (commit === null) throw new GumpError(`No tree was made yet at ${place.dir}`, { code: 'internal' });
    await create(commit);
    place.onNotice(
      `The tree at ${place.dir} was removed or replaced by what ran in it: its changes are lost`,
    );
  };

  return {
    dir: place.dir,
    commit: () => commit,
    stand: (target) =>
      inTurn(async () => {
        await standHere(target);
        await makeAgentDirectory(place.dir, place.inheritance, { commit: target, index: place.index });
        return hidden;
      }),
    stage: () =>
      inTurn(async () => {
        if (!(await isUsable(place))) await standAgain();
        await addAll(place, git);
        return writeTree(git);
      }),
    restage: (links) =>
      inTurn(async () => {
        await unpackNested(place, links);
        await git(
          ['update-index', '-z', '--force-remove', '--stdin'],
          links.map((path) => `${path}\0`).join(''),
        );
        await addAll(place, git);
        return writeTree(git);
      }),
    committed: (made) => {
      commit = made;
      hidden = [];
    },
    changes: () =>
      inTurn(async () => {
        return (await isUsable(place)) ? look() : ['.'];
      }),
    takeAway: (isHeld) =>
      inTurn(async () => {
        const { stdout } = await git(['ls-files', '-z', '-o']);
        const held = splitNul(stdout).filter(isHeld).sort();
        await takeAway(place.dir, held);
        return held;
      }),
    remove: () =>
      inTurn(async () => {
        clearTimeout(refresh);
        await removeTree(place.dir);
        await rm(place.index, { force: true });
        commit = null;
      }),
  };
}

type Git = (args: readonly string[], stdin?: string) => Promise<{ readonly stdout: Buffer }>;

/** A tree that was made before, by us or by an earlier process: a real folder (an agent may have put a link there) with an index. */
async function isUsable(place: TreePlace): Promise<boolean> {
  const [dir, index] = await Promise.all([
    lstat(place.dir).catch(() => null),
    stat(place.index).catch(() => null),
  ]);
  return dir?.isDirectory() === true && index !== null;
}

/** The promise is what only rules of the tree itself had hidden. */
async function reset(place: TreePlace, git: Git, commit: string): Promise<readonly string[]> {
  // A lock can only be left over from a process that was killed: this tree's commands wait for each other.
  await rm(`${place.index}.lock`, { force: true });
  await git(['read-tree', '--reset', '-u', commit]);
  await git(['clean', '-ffdq']);
  const { stdout } = await git(['ls-files', '-z', '-o', `--exclude-from=${await place.rules.file()}`]);
  const hidden = splitNul(stdout);
  // A name that is no UTF-8 cannot be removed by its text: the tree is made anew then.
  if (hidden.some((path) => path.includes('\uFFFD')))
    throw new GumpError(`A file in ${place.dir} has a name that is no UTF-8`, { code: 'git' });
  await takeAway(place.dir, hidden);
  return hidden;
}

/** Files, and repositories (`name/`), with the folders that are empty then. @throws where one stays */
async function takeAway(dir: string, paths: readonly string[]): Promise<void> {
  const folders = new Set<string>();
  for (const path of paths) {
    const folder = dirname(path);
    if (!folders.has(folder) && !(await hasRealParents(dir, folder)))
      throw new GumpError(`${folder} in ${dir} is no folder any more`, { code: 'git' });
    folders.add(folder);
    await removeTree(join(dir, path));
  }
  for (const folder of folders) {
    for (let part = folder; part !== '.'; part = dirname(part)) {
      const isGone = await succeeds(rmdir(join(dir, part)));
      if (!isGone) break;
    }
  }
}

function tellHidden(dir: string, paths: readonly string[]): string {
  const shown = paths.slice(0, 5).join(', ');
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return `Taken out of ${dir}: ${shown}${more}. They are in no commit, and the run's first commit does not ignore them`;
}

async function checkOut(place: TreePlace, git: Git, commit: string): Promise<void> {
  await discard(place);
  await rm(place.index, { force: true });
  await rm(`${place.index}.lock`, { force: true });
  await mkdir(place.dir, { recursive: true });
  await git(['read-tree', '--reset', '-u', commit]);
}

/** Moving away works even where removing does not. */
async function discard(place: TreePlace): Promise<void> {
  try {
    await removeTree(place.dir);
  } catch {
    await mkdir(place.trash, { recursive: true });
    await rename(place.dir, join(place.trash, `tree-${Date.now()}`));
  }
}

/**
 * Usually one process. A repository that an agent made inside the tree stops git when it has no commit;
 * and a file that cannot be read, or is a pipe, is left out with a notice: the agent's oddity must not end the run.
 */
async function addAll(place: TreePlace, git: Git): Promise<void> {
  const add = ['add', '-A'];
  try {
    await git(add);
    return;
  } catch {
    const { stdout } = await git(['ls-files', '-z', '-o', '--exclude-standard']);
    const nested = splitNul(stdout).filter((path) => path.endsWith('/'));
    await unpackNested(place, nested);
  }
  try {
    await git(add);
  } catch (error) {
    place.onNotice(`Some files could not be taken into the commit: ${firstLines(error)}`);
    await runGit([...add, '--ignore-errors'], {
      cwd: place.dir,
      env: { ...place.env, GIT_WORK_TREE: place.dir, GIT_INDEX_FILE: place.index },
      okCodes: [0, 1, 128],
    });
  }
}

function succeeds(job: Promise<void>): Promise<boolean> {
  return job.then(
    () => true,
    () => false,
  );
}

async function writeTree(git: Git): Promise<string> {
  return (await git(['write-tree'])).stdout.toString('utf8').trim();
}

function firstLines(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n').slice(0, 3).join(' ');
}
