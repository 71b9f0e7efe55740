/** `gump doctor`, on machines that have and lack things. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Examination } from '../../src/hosting/doctor.ts';
import { type Desk, openDesk } from './command.ts';
import { type Files, makeProject } from './project.ts';

const scripts = (texts: Record<string, string>) => JSON.stringify({ scripts: texts });
const healthy = {
  'package.json': scripts({ build: 'node build.js', test: 'node --test', lint: 'no-such-linter .' }),
};

let desk: Desk;
let bin: string;
let number = 0;
const servers: Server[] = [];

beforeAll(async () => {
  desk = await openDesk();
  bin = join(desk.dir, 'bin');
  await mkdir(bin);
  for (const program of ['git', 'sh', 'node']) {
    await symlink(program === 'node' ? process.execPath : `/usr/bin/${program}`, join(bin, program));
  }
});
afterAll(() => desk.remove());
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const project = (files: Files = healthy) => makeProject(desk, { files, name: `p${++number}` });

async function doctor(dir: string, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await desk.gump(['doctor', '--json'], {
    cwd: dir,
    env: { PATH: bin, ...env },
  });
  const { ok, findings } = JSON.parse(stdout) as Examination;
  const of = (check: string) => findings.filter((one) => one.check === check);
  return { code, stderr, ok, of, findings };
}

describe('gump doctor', () => {
  test('finds a machine on which a run can work, and says what it would use', async () => {
    const { code, ok, of } = await doctor(await project());
    expect([code, ok]).toEqual([0, true]);
    expect(of('git')).toEqual([
      expect.objectContaining({ status: 'ok', message: expect.stringMatching(/^\d+\.\d+/) }),
    ]);
    expect(of('node')).toMatchObject([{ status: 'ok' }]);
    expect(of('repository')).toMatchObject([{ status: 'ok', message: expect.stringContaining('on main') }]);
    expect(of('gate').map(({ status, message }) => `${status} ${message}`)).toEqual([
      'ok compile: `node build.js` (script `build` of package.json)',
      'ok test: `node --test` (script `test` of package.json)',
      'warning lint: `no-such-linter .` (script `lint` of package.json), but `no-such-linter` is not to be found',
      'note coverage: no command was found, so a gate `coverage` would be skipped',
    ]);
    expect(of('disk').length).toBeGreaterThan(0);
    expect(of('github')).toMatchObject([
      { status: 'note', message: expect.stringContaining('no token is set') },
    ]);
  });

  test('names the folder for temporary files where it is not there, and blames nothing else', async () => {
    const { code, of, findings } = await doctor(await project(), { TMPDIR: '/nowhere/at-all' });
    expect(code).toBe(1);
    expect(findings.filter(({ status }) => status === 'broken')).toEqual([
      {
        check: 'disk',
        status: 'broken',
        message: 'the folder for temporary files /nowhere/at-all is not there',
        hint: 'point TMPDIR to a folder that you may write, or unset it',
      },
    ]);
    expect(of('git')).toMatchObject([{ status: 'ok' }]);
  });

  test('shows it to a person with a mark for each and what to do', async () => {
    const { code, stdout, stderr } = await desk.gump(['doctor'], {
      cwd: await project(),
      env: { PATH: bin },
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^✓ git {12}\d/m);
    expect(stdout).toMatch(
      /^· agent {10}codex: `codex` is not installed\n {17}→ npm install -g @openai\/codex$/m,
    );
  });

  test('tells the version of a CLI that is there, and of one that does not tell it', async () => {
    const more = join(desk.dir, `bin${++number}`);
    await mkdir(more);
    await writeFile(join(more, 'codex'), '#!/bin/sh\necho "codex-cli 0.169.0"\n', { mode: 0o755 });
    await writeFile(join(more, 'gemini'), '#!/bin/sh\necho broken >&2\nexit 3\n', { mode: 0o755 });
    const { of } = await doctor(await project(), { PATH: `${more}:${bin}` });
    const said = of('agent').map(({ message }) => message);
    expect(said).toContainEqual(expect.stringContaining('codex: codex-cli 0.169.0'));
    expect(said).toContainEqual(expect.stringContaining('gemini --version ended with exit code 3'));
  });

  test('takes a command of one’s own for an agent, and ends with 1 where the chosen default is missing', async () => {
    const files = {
      ...healthy,
      'gump.toml': 'default_agent = "mine"\n[agents.mine]\ncommand = ["sh", "-c", "true"]\n',
    };
    const here = await doctor(await project(files));
    expect(here.code).toBe(0);
    expect(here.of('agent')).toContainEqual(
      expect.objectContaining({ status: 'ok', message: 'default agent: mine' }),
    );
    const gone = { ...files, 'gump.toml': files['gump.toml'].replace('"sh"', '"no-such-agent"') };
    const { code, of } = await doctor(await project(gone));
    expect(code).toBe(1);
    expect(of('agent').at(-1)).toMatchObject({
      status: 'broken',
      message: expect.stringContaining('its program `no-such-agent` is not on PATH'),
      hint: expect.stringContaining('[agents.mine]'),
    });
  });

  test('ends with 1 on a broken configuration, with the place', async () => {
    const { code, of } = await doctor(
      await project({ ...healthy, 'gump.toml': '[validation]\ntset = "x"\n' }),
    );
    expect(code).toBe(1);
    expect(of('configuration')).toMatchObject([
      {
        status: 'broken',
        message: expect.stringContaining('gump.toml:2:1: error: unknown key `tset`'),
        hint: 'did you mean `test`?',
      },
    ]);
    expect(of('gate').map(({ status }) => status)).toEqual(Array(4).fill('broken'));
  });

  test('says which gates would fail in a project that it does not know', async () => {
    const { code, of } = await doctor(await project({ 'README.md': 'hello' }));
    expect(code).toBe(0);
    expect(of('gate').slice(0, 2)).toMatchObject([
      {
        status: 'warning',
        message: 'compile: no command was found, so a gate `compile` would fail',
        hint: expect.stringContaining('gump config set validation.compile'),
      },
      { status: 'warning' },
    ]);
  });

  test('ends with 1 where there is no repository, no commit, or no git', async () => {
    expect(await doctor(desk.dir)).toMatchObject({ code: 1, stderr: '' });
    const bare = join(desk.dir, `p${++number}`);
    await mkdir(bare);
    await desk.git(bare, 'init', '-q');
    const unborn = await doctor(bare);
    expect([unborn.code, unborn.of('repository')[0]?.message]).toEqual([
      1,
      expect.stringContaining('no commit'),
    ]);
    const { code, of } = await doctor(await project(), { PATH: '/nowhere' });
    expect(code).toBe(1);
    expect(of('git')).toMatchObject([
      { status: 'broken', hint: expect.stringContaining('install git 2.38') },
    ]);
  });
});

describe('the rights of a token', () => {
  /** A GitHub of one answer; what it was asked. */
  async function github(status: number, body: unknown) {
    const asked: { url: string | undefined; authorization: string | undefined }[] = [];
    const server = createServer(({ url, headers }, response) => {
      asked.push({ url, authorization: headers.authorization });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      asked,
      env: { GITHUB_TOKEN: 'ghs_planted_token', GITHUB_API_URL: api, GITHUB_REPOSITORY: 'octo/repo' },
    };
  }

  test.each([
    [
      200,
      { permissions: { admin: false, push: true, pull: true } },
      'ok',
      'GITHUB_TOKEN may push to octo/repo (push, pull)',
      0,
    ],
    [200, { permissions: { push: false, pull: true } }, 'warning', 'GITHUB_TOKEN may only read octo/repo', 0],
    [200, {}, 'note', 'GitHub does not say what it may do there', 0],
    [401, { message: 'Bad credentials' }, 'broken', 'GitHub does not accept GITHUB_TOKEN', 1],
    [404, { message: 'Not Found' }, 'broken', 'GITHUB_TOKEN does not see octo/repo', 1],
    [502, 'nonsense', 'note', 'GitHub answered 502', 0],
  ])('an answer of %i %j is %s', async (status, body, found, message, exit) => {
    const { asked, env } = await github(status, body);
    const { code, of, findings } = await doctor(await project(), env);
    expect(of('github')).toMatchObject([{ status: found, message: expect.stringContaining(message) }]);
    expect(code).toBe(exit);
    expect(asked).toEqual([{ url: '/repos/octo/repo', authorization: 'Bearer ghs_planted_token' }]);
    expect(JSON.stringify(findings)).not.toContain('ghs_planted');
  });

  test('are not known where nobody answers, and that is no failure', async () => {
    const env = {
      GITHUB_TOKEN: 'ghs_planted',
      GITHUB_API_URL: 'http://127.0.0.1:9',
      GITHUB_REPOSITORY: 'octo/repo',
    };
    const { code, of } = await doctor(await project(), env);
    expect(code).toBe(0);
    expect(of('github')).toMatchObject([
      { status: 'note', message: expect.stringContaining('did not answer') },
    ]);
  });

  test.each([
    ['https://evil.example/octo/repo.git', 'is on evil.example'],
    ['git@evil.example:octo/repo.git', 'is on evil.example'],
    ['https://github.com.evil.example/octo/repo', 'is on github.com.evil.example'],
    ['https://github.com@evil.example/octo/repo', 'is on evil.example'],
    ['../elsewhere', 'is no address of GitHub'],
  ])('are asked of nobody else: an origin of %s', async (origin, message) => {
    const dir = await project();
    await desk.git(dir, 'remote', 'add', 'origin', origin);
    const { of } = await doctor(dir, { GH_TOKEN: 'ghs_planted' });
    expect(of('github')).toMatchObject([{ status: 'note', message: expect.stringContaining(message) }]);
  });
});
