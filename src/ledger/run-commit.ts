/** A run's folder as a commit, and back: what a lost machine cannot take. */
import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GumpError } from '../errors.ts';
import { gumpAuthor, writeCommit } from '../git/commit.ts';
import { type Environment, runGit, splitNul } from '../git/git.ts';
import { openObjects } from '../git/objects.ts';
import { limits } from '../limits.ts';
import { manifestName } from './file.ts';

/** The files of a run's folder that go along; the others belong to this machine. */
const fileNames = [manifestName, 'spec.md', 'workflow-snapshot.yaml'];

export interface GitPlace {
  readonly gitDir: string;
  /** With `GIT_DIR`. */
  readonly env: Environment;
}

interface RunFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Writes the folder's tree: the run's files and `artifacts/`, the small ones first until their limit is reached.
 * Links and what is not there are left out.
 */
export async function writeRunTree(place: GitPlace, folder: string): Promise<string> {
  const files = await runFiles(folder);
  const hashes = await hashFiles(place, folder, files);
  const entries = files.map((file, index) => ({ path: file.path, id: hashes[index] ?? '' }));
  const artifacts = entries.filter(({ path }) => path.startsWith('artifacts/'));
  const lines = entries.filter((entry) => !artifacts.includes(entry)).map(blobLine);
  if (artifacts.length > 0)
    lines.push(`040000 tree ${await makeTree(place, artifacts.map(blobLine))}\tartifacts`);
  return makeTree(place, lines);
}

interface RunCommit {
  readonly tree: string;
  /** The ledger's last commit; null for the first. */
  readonly parent: string | null;
  /** Commits of the run that go along; where their objects are, `place` says. */
  readonly held: readonly string[];
  readonly date: string;
}

/** Puts the tree on top of the ledger's last commit, and of what its events name: so whoever has the one has the other. */
export async function writeRunCommit(place: GitPlace, options: RunCommit): Promise<string> {
  return writeCommit(
    { cwd: place.gitDir, env: place.env },
    {
      tree: options.tree,
      parents: [...(options.parent === null ? [] : [options.parent]), ...options.held],
      message: 'gump: ledger',
      author: gumpAuthor,
      date: options.date,
    },
  );
}

/**
 * Writes the files of a commit into the folder, which must be empty or missing. Only the names that a run's folder has.
 * @throws GumpError `ledger` when something is in the folder already.
 */
export async function restoreRunFolder(place: GitPlace, commit: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new GumpError(`The run was not restored to ${folder}: there is something in it`, {
      code: 'ledger',
      hint: 'Resume the run that is there, or move that folder away.',
    });
  }
  const objects = openObjects({ cwd: place.gitDir, env: place.env });
  try {
    for (const { id, path } of await listBlobs(place, commit)) {
      const bytes = await objects.contents(id);
      if (!bytes) continue;
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes, { flag: 'wx' });
    }
  } finally {
    objects.close();
  }
}

async function listBlobs(
  place: GitPlace,
  commit: string,
): Promise<{ readonly id: string; readonly path: string }[]> {
  const { stdout } = await runGit(['ls-tree', '-r', '-z', commit], { cwd: place.gitDir, env: place.env });
  return splitNul(stdout).flatMap((entry) => {
    const [, id = '', path = ''] = /^100644 blob ([0-9a-f]+)\t(.+)$/s.exec(entry) ?? [];
    return isRunFile(path) ? [{ id, path }] : [];
  });
}

function isRunFile(path: string): boolean {
  return fileNames.includes(path) || /^artifacts\/(?!\.+$)[A-Za-z0-9._-]+$/.test(path);
}

/** What an agent has printed stays on its machine: nobody knows what its tools have read there. */
function mayLeave(artifact: string): boolean {
  return !artifact.endsWith('.ndjson');
}

async function runFiles(folder: string): Promise<RunFile[]> {
  const kept = await readdir(join(folder, 'artifacts')).catch(() => []);
  const measured = await Promise.all(
    [...fileNames, ...kept.filter(mayLeave).map((name) => `artifacts/${name}`)]
      .filter(isRunFile)
      .map(async (path) => {
        const found = await lstat(join(folder, path)).catch(() => null);
        return found?.isFile() ? [{ path, bytes: found.size }] : [];
      }),
  );
  const files = measured.flat();
  const artifacts = files
    .filter(({ path }) => path.startsWith('artifacts/'))
    .sort((a, b) => a.bytes - b.bytes);
  let room: number = limits.ledgerArtifactsBytesMax;
  const fitting = artifacts.filter(({ bytes }) => {
    room -= bytes;
    return room >= 0;
  });
  return [...files.filter((file) => !artifacts.includes(file)), ...fitting];
}

/** The manifest may grow meanwhile: what is beyond its last whole line is dropped by whoever reads it. */
async function hashFiles(place: GitPlace, folder: string, files: readonly RunFile[]): Promise<string[]> {
  if (files.length === 0) return [];
  const { stdout } = await runGit(['hash-object', '-w', '--no-filters', '--stdin-paths'], {
    cwd: folder,
    env: place.env,
    stdin: files.map(({ path }) => `${path}\n`).join(''),
  });
  return stdout.toString('utf8').trim().split('\n');
}

function blobLine(entry: { readonly path: string; readonly id: string }): string {
  return `100644 blob ${entry.id}\t${entry.path.replace(/^artifacts\//, '')}`;
}

async function makeTree(place: GitPlace, lines: readonly string[]): Promise<string> {
  const stdin = lines.map((line) => `${line}\0`).join('');
  const { stdout } = await runGit(['mktree', '-z'], { cwd: place.gitDir, env: place.env, stdin });
  return stdout.toString('utf8').trim();
}
