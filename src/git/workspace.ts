/** The adapter of the workspace port on git: private index, own git directory, commits through plumbing. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Merge, Snapshot, SnapshotOptions, Workspace } from '../ports/workspace.ts';
import { type Advance, createAdvance, type ResultRef } from './advance.ts';
import { type Changes, createChanges } from './changes.ts';
import { type Author, gumpAuthor, writeCommit } from './commit.ts';
import { changedPaths, compareTrees, unifiedDiff } from './difference.ts';
import { inherit, makeEngineDirectory } from './directories.ts';
import { createAsFirst } from './first-settings.ts';
import { engineEnvironment, runGit } from './git.ts';
import { createIgnoreRules } from './ignored.ts';
import { mergeTrees } from './merge.ts';
import { type ObjectReader, openObjects } from './objects.ts';
import { createPool } from './pool.ts';
import { removeTree } from './remove.ts';
import type { TreePlace, WorkingTree } from './tree.ts';
import { createTurns } from './turns.ts';

export interface WorkspaceOptions {
  /** A `.git` folder or a bare repository that holds `base`; new commits are written into its object store. */
  readonly objects: string;
  /** The run's folder; `git`, `index` and `trees` are made in it. */
  readonly dir: string;
  /** The branch that `advance` moves; null for none. It must see the objects (the same store, or an alternate). */
  readonly resultRef: ResultRef | null;
  /** The commit that the run starts on. */
  readonly base: string;
  readonly author?: Author;
  /** ISO 8601; the dates of commits. */
  readonly now?: () => string;
  /** Told when something odd in a tree was put right or left out. */
  readonly onNotice?: (message: string) => void;
}

/**
 * Opens the run's workspace; trees that an earlier process left there are used again.
 * @throws GumpError `git` where there is no repository, or it does not hold `base`.
 */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const inheritance = await inherit(options.objects);
  const gitDir = join(options.dir, 'git');
  await makeEngineDirectory(gitDir, inheritance);
  for (const name of ['index', 'trees']) await mkdir(join(options.dir, name), { recursive: true });
  await removeTree(join(options.dir, 'trash'));
  const env = engineEnvironment({ GIT_DIR: gitDir, GIT_OBJECT_DIRECTORY: inheritance.objects });
  const place = { cwd: gitDir, env };
  const objects = openObjects(place);
  const base = await objects.info(`${options.base}^{commit}`);
  if (!base) throw missing(options);
  const submodules = readSubmodules(place, objects);
  const checkouts = createTurns(limits.checkoutsMax);
  const onNotice = options.onNotice ?? (() => undefined);
  const path = join(gitDir, 'info', 'first-rules');
  const { exclude } = inheritance;
  const changes = createChanges(place, base.id);
  const rules = createIgnoreRules({ place, objects, changes, base: base.id, exclude, path });
  return assemble({
    ...options,
    place,
    objects,
    history: changes,
    base: base.id,
    index: join(options.dir, 'index'),
    advance: createAdvance(options.resultRef),
    treePlace: (name) => ({
      dir: join(options.dir, 'trees', name),
      index: join(options.dir, 'index', name),
      trash: join(options.dir, 'trash'),
      env,
      inheritance,
      rules,
      submodules,
      checkouts,
      onNotice,
    }),
  });
}

interface Parts extends Omit<WorkspaceOptions, 'objects'> {
  readonly place: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
  readonly objects: ObjectReader;
  readonly history: Changes;
  readonly index: string;
  readonly advance: Advance;
  readonly treePlace: (name: string) => TreePlace;
}

function assemble(parts: Parts): Workspace {
  const { place, objects, history } = parts;
  const pool = createPool(parts.treePlace);
  const commit = async (tree: string, parents: readonly string[], message: string) => {
    const date = parts.now?.() ?? new Date().toISOString();
    const author = parts.author ?? gumpAuthor;
    const made = await writeCommit(place, { tree, parents, message, author, date });
    parts.advance.learn(made, parents);
    return made;
  };
  return {
    tree: (scope, target) => pool.hand(slug('', scope), target),
    view: (key, target) => pool.hand(slug('view-', key), target),
    snapshot: (scope, options) =>
      snapshot({ ...options, tree: pool.get(slug('', scope)), place, objects, history, commit }),
    changes: (tree) => pool.changes(tree),
    takeAway: (tree, isHeld) => pool.takeAway(tree, isHeld),
    restore: async ({ parent, to, message }) => {
      const [before, after] = await Promise.all([treeOf(objects, parent), treeOf(objects, to)]);
      if (before === after) return parent;
      const made = await commit(after, [parent], message);
      history.learn(made, { on: [to], files: [] });
      return made;
    },
    diff: (from, to, bytesMax) => unifiedDiff(place, { from, to, bytesMax }),
    changedFiles: (from, to) => changedPaths(place, from, to),
    sinceBase: (commit) => history.since(commit),
    asFirst: createAsFirst({ ...parts, commit }),
    readFile: (at, path) => readText(objects, at, path),
    merge: async ({ ours, theirs, base, message }): Promise<Merge> => {
      if (theirs === base || theirs === ours) return { commit: ours, conflicts: [] };
      const { tree, conflicts } = await mergeTrees(place, ours, theirs);
      if (tree === null) return { commit: null, conflicts };
      const made = await commit(tree, [ours, theirs], message);
      history.learn(made, { on: [ours, theirs], files: [] });
      return { commit: made, conflicts };
    },
    advance: (to) => parts.advance.to(to),
    dispose: async () => {
      await pool.dispose();
      objects.close();
      for (const name of ['trees', 'index', 'trash', 'git']) await removeTree(join(parts.dir, name));
    },
  };
}

interface SnapshotJob extends SnapshotOptions {
  readonly tree: WorkingTree;
  readonly place: Parts['place'];
  readonly objects: ObjectReader;
  readonly history: Changes;
  readonly commit: (tree: string, parents: readonly string[], message: string) => Promise<string>;
}

/** Two processes where nothing changed, four where something did: the commit and its comparison run side by side. */
async function snapshot(job: SnapshotJob): Promise<Snapshot> {
  const before = await treeOf(job.objects, job.parent);
  let after = await job.tree.stage();
  if (after === before) return unchanged(job);
  const refused = await refusedIn(job, before, after);
  if (refused.length > 0) {
    // What the index holds is no commit's: the next attempt gets the tree of one.
    job.tree.committed(null);
    return { commit: job.parent, files: [], refused };
  }
  let [commit, difference] = await Promise.all([
    job.commit(after, [job.parent], job.message),
    compareTrees(job.place, before, after),
  ]);
  if (difference.newLinks.length > 0) {
    after = await job.tree.restage(difference.newLinks);
    if (after === before) return unchanged(job);
    const inside = await refusedIn(job, before, after);
    if (inside.length > 0) {
      job.tree.committed(null);
      return { commit: job.parent, files: [], refused: inside };
    }
    [commit, difference] = await Promise.all([
      job.commit(after, [job.parent], job.message),
      compareTrees(job.place, before, after),
    ]);
  }
  job.history.learn(commit, { on: [job.parent], files: difference.paths });
  job.tree.committed(commit);
  return { commit, files: difference.paths };
}

/** Looked at before there is a commit; asked for nothing where every path may change. */
async function refusedIn(
  { place, refuses }: SnapshotJob,
  before: string,
  after: string,
): Promise<readonly string[]> {
  if (!refuses) return [];
  return (await compareTrees(place, before, after)).paths.filter(refuses);
}

function unchanged(job: SnapshotJob): Snapshot {
  job.tree.committed(job.parent);
  return { commit: job.parent, files: [] };
}

async function treeOf(objects: ObjectReader, commit: string): Promise<string> {
  const found = await objects.info(`${commit}^{tree}`);
  if (found) return found.id;
  throw new GumpError(`There is no commit ${commit} in the repository`, { code: 'git' });
}

/** Links are followed as long as they stay in the tree. */
async function readText(objects: ObjectReader, commit: string, path: string): Promise<string | null> {
  if (path === '' || path.startsWith('/') || path.split('/').some((part) => part === '.' || part === '..'))
    return null;
  const name = `${commit}:${path}`;
  const found = await objects.info(name);
  if (found?.type !== 'blob' || found.size > limits.textFileBytesMax) return null;
  const bytes = await objects.contents(name);
  if (!bytes || bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Asked once a commit, and only where the tree has a `.gitmodules`: a listing of a huge tree takes its time. */
function readSubmodules(place: Parts['place'], objects: ObjectReader) {
  return async (commit: string): Promise<readonly string[]> => {
    if (!(await objects.info(`${commit}:.gitmodules`))) return [];
    const { stdout } = await runGit(['ls-tree', '-r', '-z', commit], place);
    return stdout
      .toString('utf8')
      .split('\0')
      .filter((entry) => entry.startsWith('160000 '))
      .map((entry) => entry.slice(entry.indexOf('\t') + 1));
  };
}

/** A scope's name as a folder's: readable, and different for different names whatever the file system folds. */
function slug(prefix: string, name: string): string {
  if (name === '') return `${prefix || 'run'}`;
  const readable = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 40);
  return `${prefix}${readable}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

function missing(options: WorkspaceOptions): GumpError {
  return new GumpError(`The commit ${options.base} is not in the repository at ${options.objects}`, {
    code: 'git',
    hint: 'Fetch it, or start the run on a commit that exists.',
  });
}
