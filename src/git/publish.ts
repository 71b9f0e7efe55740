/** The clean clone: a bare repository that no agent sees and that objects pass through on their way to GitHub. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { explain, GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import { commonDirectory } from './directories.ts';
import { type Environment, engineEnvironment, runGit } from './git.ts';
import { mayNot, type Remote, remoteEnvironment, remoteError } from './remote.ts';

export interface PublisherOptions extends Remote {
  /** The bare repository; made where it is missing. */
  readonly dir: string;
  /** Between two tries, doubled each time; default as in limits.ts. */
  readonly backoffMs?: number;
}

export interface RefUpdate {
  readonly sha: string;
  /** Full name. */
  readonly ref: string;
  /** What the remote had when last seen (null: nothing), for the message when somebody else moved it. */
  readonly expectedOld?: string | null;
}

export interface Publisher {
  /** The bare repository. */
  readonly gitDir: string;
  /** The environment of commands on the bare repository that stay on this machine. */
  readonly env: Environment;
  /** Fetches refs under their own names and gives their commits; what the remote does not have is missing in the answer. */
  clone(options: {
    readonly refs: readonly string[];
    readonly depth?: number;
  }): Promise<ReadonlyMap<string, string>>;
  /** @throws GumpError `git`, also when the remote lacks one of the refs. */
  fetch(refspecs: readonly string[], options?: { readonly depth?: number }): Promise<void>;
  /** Refs of the remote by full name; with patterns only those that match. */
  lsRemote(patterns?: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Refs (full names) as this publisher last saw them; the remote is asked only where one was never asked for. Good as
   * what a push stands on: where somebody else moved the ref since, the push is rejected.
   */
  lastSeen(refs: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Moves all refs forward or none, in one request; never by force.
   * `objectsFrom` is the git directory whose objects are pushed, where they are not in the bare repository.
   * @throws GumpError `git`: rejected (with the reason), or out of reach after several tries (`retryable`).
   */
  push(updates: readonly RefUpdate[], options?: { readonly objectsFrom?: string }): Promise<void>;
  /** Whether the token may push at all; nothing is sent. @throws GumpError `git` when the remote cannot be asked. */
  mayPush(update: RefUpdate): Promise<boolean>;
}

/**
 * Opens the clean clone.
 * @throws GumpError `usage` for a URL that must not be used.
 */
export async function openPublisher(options: PublisherOptions): Promise<Publisher> {
  const gitDir = resolve(options.dir);
  remoteEnvironment(options, {});
  await mkdir(gitDir, { recursive: true });
  await runGit(['init', '--quiet', '--bare', '--template=', gitDir], {
    cwd: gitDir,
    env: engineEnvironment(),
  });
  const remote = async (
    args: readonly string[],
    job: { readonly what: string; readonly env?: Environment },
  ) => {
    const env = remoteEnvironment(options, { GIT_DIR: gitDir, ...job.env });
    return withRetries(options, job.what, () => runGit(args, { cwd: gitDir, env, okCodes: anyCode }));
  };
  const seen = new Map<string, string | null>();
  const lsRemote = async (patterns: readonly string[] = []) => {
    const { stdout } = await remote(['ls-remote', '--quiet', options.url, ...patterns], {
      what: `The refs of ${options.url} were not read`,
    });
    const refs = parseRefs(stdout.toString('utf8'));
    for (const pattern of patterns) if (isFullName(pattern)) seen.set(pattern, refs.get(pattern) ?? null);
    return refs;
  };
  const fetch = async (refspecs: readonly string[], { depth }: { readonly depth?: number } = {}) => {
    const shallow = depth === undefined ? [] : [`--depth=${depth}`];
    const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--update-head-ok', ...shallow];
    await remote([...args, options.url, ...refspecs], { what: `${options.url} was not fetched from` });
  };
  return {
    gitDir,
    env: engineEnvironment({ GIT_DIR: gitDir }),
    lsRemote,
    lastSeen: async (refs) => {
      if (!refs.every((ref) => seen.has(ref))) return lsRemote(refs);
      const found = refs.map((ref) => [ref, seen.get(ref) ?? null] as const);
      return new Map(found.flatMap(([ref, sha]) => (sha === null ? [] : [[ref, sha]])));
    },
    fetch,
    mayPush: async ({ sha, ref }) => {
      const args = [
        'push',
        '--quiet',
        '--dry-run',
        '--no-verify',
        '--no-signed',
        options.url,
        `${sha}:${ref}`,
      ];
      try {
        await remote(args, { what: `Whether ${options.url} may be pushed to was not found out` });
        return true;
      } catch (error) {
        if (error instanceof GumpError && !error.retryable && error.hint === mayNot) return false;
        throw error;
      }
    },
    clone: async ({ refs, depth }) => {
      const there = await lsRemote(refs);
      const wanted = refs.filter((ref) => there.has(ref));
      if (wanted.length > 0) {
        await fetch(
          wanted.map((ref) => `+${ref}:${ref}`),
          depth === undefined ? {} : { depth },
        );
      }
      return new Map(wanted.map((ref) => [ref, there.get(ref) ?? '']));
    },
    push: async (updates, { objectsFrom } = {}) => {
      if (updates.length === 0) return;
      const env = objectsFrom === undefined ? {} : await borrowObjects(gitDir, objectsFrom);
      const specs = updates.map(({ sha, ref }) => `${sha}:${ref}`);
      const args = [
        'push',
        '--quiet',
        '--porcelain',
        '--atomic',
        '--no-verify',
        '--no-signed',
        options.url,
        ...specs,
      ];
      for (const { ref } of updates) seen.delete(ref);
      await remote(args, { what: notPushed(updates, options.url), env });
      for (const { ref, sha } of updates) seen.set(ref, sha);
    },
  };
}

const anyCode = Array.from({ length: 256 }, (_, code) => code);

/** Tries again what the network broke off; a push that had arrived all the same is then simply up to date. */
async function withRetries(
  options: PublisherOptions,
  what: string,
  run: () => ReturnType<typeof runGit>,
): ReturnType<typeof runGit> {
  const backoffMs = options.backoffMs ?? limits.remoteBackoffMs;
  for (let attempt = 1; ; attempt++) {
    const result = await run().catch((error: unknown) => ({
      exitCode: -1,
      stdout: Buffer.alloc(0),
      stderr: explain(error),
    }));
    if (result.exitCode === 0) return result;
    const error = remoteError(what, options, `${result.stderr}\n${rejections(result.stdout)}`);
    if (!error.retryable || attempt >= limits.remoteAttemptsMax) throw error;
    await sleep(backoffMs * 2 ** (attempt - 1));
  }
}

/** @source git-push(1), "OUTPUT": `!\t<from>:<to>\t<summary> (<reason>)` for what was rejected (read 2026-11). */
function rejections(stdout: Buffer): string {
  const lines = stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'));
  return lines.map((line) => line.split('\t').slice(1).join(' ')).join('\n');
}

function notPushed(updates: readonly RefUpdate[], url: string): string {
  const names = updates.map(({ ref, expectedOld }) =>
    expectedOld === undefined
      ? ref
      : `${ref} (last seen ${expectedOld === null ? 'missing' : `on ${expectedOld}`})`,
  );
  return `${names.join(' and ')} ${updates.length > 1 ? 'were' : 'was'} not pushed to ${url}`;
}

/**
 * What lets commands on `gitDir` read the objects of another git directory where they are; where that one is shallow,
 * `gitDir` has to know where its history ends.
 */
export async function borrowObjects(gitDir: string, from: string): Promise<Environment> {
  const common = await commonDirectory(from);
  if (common === gitDir) return {};
  const theirs = await readFile(join(common, 'shallow'), 'utf8').catch(() => '');
  if (theirs !== '') {
    const own = await readFile(join(gitDir, 'shallow'), 'utf8').catch(() => '');
    const all = new Set([...own.split('\n'), ...theirs.split('\n')].filter((line) => line !== ''));
    await writeFile(join(gitDir, 'shallow'), `${[...all].join('\n')}\n`);
  }
  return { GIT_ALTERNATE_OBJECT_DIRECTORIES: quotePath(join(common, 'objects')) };
}

/** @source git(1), "GIT_ALTERNATE_OBJECT_DIRECTORIES": a list by colons, entries may be quoted in C style (read 2026-11). */
function quotePath(path: string): string {
  return /[":\\]/.test(path) ? `"${path.replace(/[\\"]/g, '\\$&')}"` : path;
}

function isFullName(pattern: string): boolean {
  return /^refs\/[^*?[\\]+$/.test(pattern);
}

function parseRefs(text: string): ReadonlyMap<string, string> {
  const refs = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [sha, name] = line.split('\t');
    if (sha && name) refs.set(name, sha);
  }
  return refs;
}
