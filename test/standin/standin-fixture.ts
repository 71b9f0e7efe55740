import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Octokit } from '@octokit/rest';
import { gitEnvironment } from './git.ts';
import type { Permissions } from './records.ts';
import { type Standin, startStandin } from './standin.ts';

const WORKFLOW = `name: gump
on:
  workflow_dispatch:
    inputs:
      command: {required: true}
      mode: {type: choice, options: [fast, slow], default: fast}
jobs: {}
`;

export const EVERYTHING: Permissions = {
  actions: 'write',
  checks: 'write',
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
};

export interface Fixture {
  readonly standin: Standin;
  /** The folder of this test; all of it is removed by `end`. */
  readonly dir: string;
  readonly owner: 'acme';
  readonly repo: 'shop';
  /** A client that acts with this token. */
  readonly as: (token: string) => Octokit;
  /** A client with a job token that may do everything. */
  readonly job: Octokit;
  readonly end: () => Promise<void>;
}

/** A stand-in with acme/shop: lines.txt (ten lines), a workflow that can be dispatched and one that cannot. */
export async function startFixture(): Promise<Fixture> {
  const dir = await mkdtemp(join(tmpdir(), 'gump-standin-'));
  const lines = Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join('');
  await writeFiles(join(dir, 'files'), {
    'lines.txt': lines,
    '.github/workflows/gump.yml': WORKFLOW,
    '.github/workflows/ci.yml': 'name: ci\non: [push]\njobs: {}\n',
  });
  const standin = await startStandin({ dir: join(dir, 'repositories') });
  await standin.addRepository({ owner: 'acme', name: 'shop', fromDir: join(dir, 'files') });
  const as = (token: string): Octokit => clientOf(standin, token);
  return {
    ...{ standin, dir, owner: 'acme', repo: 'shop', as },
    job: as(standin.createJobToken('acme/shop', EVERYTHING)),
    end: async () => {
      await standin.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function clientOf(standin: Standin, token: string): Octokit {
  return new Octokit({ auth: token, baseUrl: standin.apiUrl, log: SILENT });
}

async function writeFiles(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  }
}

const run = promisify(execFile);

/** Real git in a folder with an identity of its own. @throws Error with what git wrote when it fails. */
export async function gitIn(cwd: string, ...args: readonly string[]): Promise<string> {
  const identity = ['Tess', 'tess@example.com'] as const;
  const env = gitEnvironment({
    ...{ GIT_AUTHOR_NAME: identity[0], GIT_AUTHOR_EMAIL: identity[1] },
    ...{ GIT_COMMITTER_NAME: identity[0], GIT_COMMITTER_EMAIL: identity[1] },
  });
  const { stdout } = await run('git', args, { cwd, env });
  return stdout.trim();
}

export function remoteUrl(standin: Standin, token?: string): string {
  const url = new URL(`${standin.url}/acme/shop.git`);
  if (token !== undefined) {
    url.username = 'x-access-token';
    url.password = token;
  }
  return url.href;
}

/** Clones, writes the files, commits on `branch` and pushes. @returns the commit's sha. */
export async function pushFiles(
  fixture: Fixture,
  token: string,
  change: {
    readonly branch: string;
    readonly files: Readonly<Record<string, string>>;
    readonly message?: string;
  },
): Promise<string> {
  const clone = await mkdtemp(join(fixture.dir, 'clone-'));
  await gitIn(fixture.dir, 'clone', '--quiet', remoteUrl(fixture.standin, token), clone);
  const exists = await gitIn(clone, 'branch', '--remotes', '--list', `origin/${change.branch}`);
  await gitIn(
    clone,
    'checkout',
    '--quiet',
    '-B',
    change.branch,
    exists === '' ? 'origin/main' : `origin/${change.branch}`,
  );
  await writeFiles(clone, change.files);
  await gitIn(clone, 'add', '--all');
  await gitIn(clone, 'commit', '--quiet', '-m', change.message ?? 'change');
  await gitIn(clone, 'push', '--quiet', 'origin', change.branch);
  return await gitIn(clone, 'rev-parse', 'HEAD');
}

/** The HTTP status that the call was refused with. @throws Error when it was not refused. */
export async function refusedWith(call: Promise<unknown>): Promise<{ status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    const { status, message } = error as { status: number; message: string };
    return { status, message };
  }
  throw new Error('The call was expected to be refused and was not.');
}
