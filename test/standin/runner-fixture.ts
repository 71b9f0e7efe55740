import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { RunnerRepository } from './runner/event-payload.ts';
import { createRunner, type Runner, type RunnerOptions, type RunnerStandin } from './runner.ts';

/** A runner with a tiny action of its own and one bare repository, `acme/app`. */
export interface RunnerFixture {
  readonly runner: Runner;
  readonly dir: string;
  readonly tokens: readonly IssuedToken[];
  /** Commits `.github/workflows/gump.yml` (and other files) to main. */
  commit(files: Readonly<Record<string, string>>): Promise<string>;
  /** Dispatches the workflow on main. */
  dispatch(inputs?: Readonly<Record<string, unknown>>): Promise<void>;
  close(): Promise<void>;
}

export interface IssuedToken {
  readonly value: string;
  readonly repository: string;
  readonly permissions: Readonly<Record<string, string>>;
  revoked: boolean;
}

export const workflowPath = '.github/workflows/gump.yml';

const actionYml = `name: Fixture
description: Prints what it was given.
inputs:
  command: { description: what to do, default: run }
  max-budget: { description: dollars }
  github-token: { description: token, default: "\${{ github.token }}" }
  do: { description: JavaScript to run }
outputs:
  status: { description: how it ended }
runs:
  using: node24
  main: dist/index.js
`;

/** The tiny bundle: keeps its environment, then does what the input \`do\` says. */
const bundle = `
import fs from 'node:fs';
const env = process.env;
fs.writeFileSync(env.RUNNER_TEMP + '/seen-env.json', JSON.stringify(env));
const event = JSON.parse(fs.readFileSync(env.GITHUB_EVENT_PATH, 'utf8'));
const output = (text) => fs.appendFileSync(env.GITHUB_OUTPUT, text);
const summary = (text) => fs.appendFileSync(env.GITHUB_STEP_SUMMARY, text);
const { spawn } = await import('node:child_process');
await eval('(async () => {' + (env.INPUT_DO ?? '') + '})()');
`;

export async function createRunnerFixture(options: Partial<RunnerOptions> = {}): Promise<RunnerFixture> {
  const dir = await mkdtemp(join(tmpdir(), 'standin-runner-'));
  const action = await writeActionFixture(join(dir, 'action'));
  const repository = fixtureRepository(join(dir, 'acme', 'app.git'));
  git(dir, 'init', '--quiet', '--bare', '--initial-branch=main', '--', repository.git_dir);
  const tokens: IssuedToken[] = [];
  const runner = createRunner({
    standin: fixtureStandin(repository, tokens),
    ...action,
    dir: join(dir, 'jobs'),
    cancelTimes: { sigintMs: 300, sigtermMs: 300 },
    ...options,
  });
  const work = join(dir, 'work');
  git(dir, 'init', '--quiet', '--initial-branch=main', '--', work);
  git(work, 'remote', 'add', 'origin', '--', repository.git_dir);
  return {
    runner,
    dir,
    tokens,
    async commit(files) {
      await writeFiles(work, files);
      git(work, 'add', '--all');
      git(work, 'commit', '--quiet', '--message=change');
      git(work, 'push', '--quiet', 'origin', 'HEAD:main');
      return git(work, 'rev-parse', 'HEAD').trim();
    },
    dispatch: (inputs = {}) =>
      runner.start({ owner: 'acme', repo: 'app', workflowPath, ref: 'main', inputs, actor: 'mona' }),
    async close() {
      await runner.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Writes the tiny action into a folder. */
export async function writeActionFixture(
  dir: string,
): Promise<{ readonly bundle: string; readonly actionYml: string }> {
  await writeFiles(dir, {
    'action.yml': actionYml,
    'package.json': '{"type":"module"}',
    'dist/index.js': bundle,
  });
  return { bundle: join(dir, 'dist', 'index.js'), actionYml: join(dir, 'action.yml') };
}

/** A dispatch workflow whose one step is our action; \`more\` is put under its \`with:\`. */
export function actionWorkflow(more: Readonly<Record<string, string>>, head = ''): string {
  const lines = Object.entries(more).map(([name, value]) => `          ${name}: ${JSON.stringify(value)}`);
  return `name: gump
on:
  workflow_dispatch:
    inputs:
      issue: { type: string, required: false }
      max-budget: { type: number, default: 5 }
      dry-run: { type: boolean }
${head}
jobs:
  gump:
    runs-on: ubuntu-latest
    steps:
      - id: it
        uses: acme/gump@v1
        with:
${lines.join('\n')}
`;
}

export function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', [...args], { cwd, encoding: 'utf8', env: gitVariables(cwd) });
}

/** For a git that talks to a server in this very process. */
export async function gitAsync(cwd: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', [...args], { cwd, env: gitVariables(cwd) });
  return stdout;
}

function gitVariables(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: home,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Mona',
    GIT_AUTHOR_EMAIL: 'mona@example.com',
    GIT_COMMITTER_NAME: 'Mona',
    GIT_COMMITTER_EMAIL: 'mona@example.com',
    GIT_AUTHOR_DATE: '2026-11-03T10:06:00Z',
    GIT_COMMITTER_DATE: '2026-11-03T10:06:00Z',
  };
}

export async function writeFiles(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  }
}

export function fixtureRepository(gitDir: string): RunnerRepository {
  return {
    id: 7,
    node_id: 'R_7',
    owner: { login: 'acme', id: 3, node_id: 'O_3', type: 'Organization', name: 'Acme' },
    name: 'app',
    full_name: 'acme/app',
    private: false,
    default_branch: 'main',
    git_dir: gitDir,
    secrets: { API_KEY: 'sk-planted-secret-1234' },
    variables: { REGION: 'north' },
  };
}

function fixtureStandin(repository: RunnerRepository, tokens: IssuedToken[]): RunnerStandin {
  const url = 'http://127.0.0.1:9';
  return {
    url,
    apiUrl: `${url}/api/v3`,
    graphqlUrl: `${url}/api/graphql`,
    state: { repositories: new Map([['acme/app', repository]]) },
    createJobToken(fullName, permissions) {
      const value = `ghs_fixture_token_${tokens.length}`;
      tokens.push({ value, repository: fullName, permissions, revoked: false });
      return value;
    },
    revokeToken(value) {
      for (const token of tokens) if (token.value === value) token.revoked = true;
    },
  };
}
