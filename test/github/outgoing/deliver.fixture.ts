/** The stand-in with one repository, and a sink that talks to it over real HTTP. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../../../src/events/event.ts';
import { createClient } from '../../../src/github/api/client.ts';
import { createGithubSink, type GithubSinkOptions } from '../../../src/github/outgoing/sink.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { git, gitText } from '../../standin/git.ts';
import type { Repository } from '../../standin/records.ts';
import { refreshPull } from '../../standin/refs.ts';
import { followComments } from '../../standin/review-comments.ts';
import { type Standin, startStandin } from '../../standin/standin.ts';
import { createRecorder, type Entry } from './run.fixture.ts';

export const permissions = {
  checks: 'write',
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
} as const;

export interface World {
  readonly standin: Standin;
  readonly base: string;
  /** One commit on top of the last one, on the branch `gump/issue-1`, which changes the file. */
  commit(path: string, content?: string): Promise<string>;
  /** A commit on a task's own branch, made from the base; it is on no other branch. */
  side(path: string): Promise<string>;
  /** Brings a side commit onto the run's branch. */
  merge(side: string, path: string): Promise<string>;
  sink(
    options?: Partial<GithubSinkOptions> & { readonly token?: string; readonly writesPerMinuteMax?: number },
  ): {
    readonly sink: ReturnType<typeof createGithubSink>;
    readonly requests: { readonly total: number; readonly writes: number };
    readonly log: string[];
    /** As if the process were killed: no request leaves it any more. Settles when those on their way have arrived. */
    stop(): Promise<void>;
  };
  close(): Promise<void>;
}

/** The one that the world has. */
export function repositoryOf(standin: Standin): Repository {
  const [repository] = standin.state.repositories.values();
  if (!repository) throw new Error('The stand-in has the repository that was added.');
  return repository;
}

export async function createWorld(): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'gump-sink-'));
  const files = await mkdtemp(join(tmpdir(), 'gump-sink-files-'));
  await writeFile(join(files, 'README.md'), '# App\n');
  const standin = await startStandin({ dir });
  await standin.addRepository({ owner: 'octo', name: 'app', fromDir: files });
  const repository = repositoryOf(standin);
  const { token: person } = standin.addUser('octo');
  await fetch(`${standin.apiUrl}/repos/octo/app/issues`, {
    method: 'POST',
    headers: { authorization: `token ${person}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Greet', body: 'Please' }),
  });
  const base = await gitText(repository.git_dir, ['rev-parse', 'main']);
  let head = base;
  let count = 0;
  async function write(
    branch: string,
    parents: readonly string[],
    { path, text }: { path: string; text?: string | undefined },
  ): Promise<string> {
    count += 1;
    const content = text ?? `line ${count}\nline two of ${count}\n`;
    const input = [
      `commit refs/heads/${branch}`,
      `committer Gump <gump@example.com> ${1_767_225_600 + count} +0000`,
      `data <<END\nAttempt ${count}\nEND`,
      ...parents,
      `M 100644 inline ${path}`,
      `data <<END\n${content}END\n`,
    ].join('\n');
    await git(repository.git_dir, ['fast-import', '--quiet', '--force'], { input });
    const sha = await gitText(repository.git_dir, ['rev-parse', `refs/heads/${branch}`]);
    await movePulls(branch, sha);
    return sha;
  }

  /** What a push of this branch changes on GitHub's own side. */
  async function movePulls(branch: string, sha: string): Promise<void> {
    for (const pull of repository.pulls.values()) {
      if (pull.head.ref !== branch) continue;
      pull.head.sha = sha;
      await refreshPull(repository, pull);
      await followComments(repository, pull);
    }
  }
  return {
    standin,
    base,
    async commit(path, text) {
      head = await write('gump/issue-1', [`from ${head}`], { path, text });
      return head;
    },
    side: async (path) => await write('gump/issue-1-task-1', [`from ${base}`], { path }),
    async merge(side, path) {
      head = await write('gump/issue-1', [`from ${head}`, `merge ${side}`], { path });
      return head;
    },
    sink({ token, writesPerMinuteMax, ...options } = {}) {
      const log: string[] = [];
      const client = createClient({
        token: token ?? standin.createJobToken('octo/app', permissions),
        apiUrl: standin.apiUrl,
        userAgent: 'gump-test',
        log: (line) => log.push(line),
        requestTimeoutMs: 20_000,
        retryBaseMs: 5,
        ...(writesPerMinuteMax === undefined ? {} : { writesPerMinuteMax }),
      });
      const sink = createGithubSink({
        ...{ client, owner: 'octo', repo: 'app', issue: 1, branch: 'gump/issue-1', baseBranch: 'main' },
        ...{ runUrl: `${standin.url}/octo/app/actions/runs/1`, canWrite: true, readLog: async () => null },
        log: (line) => log.push(line),
        // What is waited for comes as soon as it can: on a busy machine that may be late.
        timing: { retryBaseMs: 5, closeTimeoutMs: patienceMs },
        ...options,
      });
      let isDead = false;
      const flying = new Set<Promise<unknown>>();
      client.octokit.hook.wrap('request', async (send, request) => {
        if (isDead) await new Promise(() => {});
        const sent = Promise.resolve(send(request));
        flying.add(sent);
        return await sent.finally(() => flying.delete(sent));
      });
      const stop = async (): Promise<void> => {
        isDead = true;
        await Promise.allSettled(flying);
      };
      return { sink, requests: client.requests, log, stop };
    },
    async close() {
      await standin.close();
      await rm(dir, { recursive: true, force: true });
      await rm(files, { recursive: true, force: true });
    },
  };
}

/** For a machine on which everything else runs at the same time, in milliseconds. */
export const patienceMs = 120_000;

/** Resolves when it holds; looks every 20 ms. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadlineMs = Date.now() + patienceMs; Date.now() < deadlineMs; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('It did not come true within two minutes.');
}

/** Tells a sink everything, as fast as it comes; every tenth entry it gets a moment to send. */
export async function tell(
  sink: ReturnType<typeof createGithubSink>,
  plan: Plan,
  entries: readonly Entry[],
  past: readonly Event[] = [],
): Promise<readonly Event[]> {
  const recorder = createRecorder();
  recorder.events.push(...past);
  await sink.open(plan, past);
  for (const [index, entry] of entries.entries()) {
    if ('published' in entry) sink.published(entry.published);
    else for (const event of recorder.add(entry.fact)) sink.event(event);
    if (index % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return recorder.events;
}
