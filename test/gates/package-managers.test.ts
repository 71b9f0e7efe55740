/** Projects of pnpm, yarn and npm, judged with the real programs. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { judge, manifest, ownPrograms } from './project.ts';

/** `@yarnpkg/cli-dist` */
const yarn = `${ownPrograms}/yarn`;
const ours = { path: [ownPrograms] };
const says = 'echo "$npm_lifecycle_event by $npm_config_user_agent"';
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

describe('a package.json is run as its own package manager would', () => {
  it.each([
    ['npm by its lock file', { 'package-lock.json': '{}' }, 'npm/0'],
    ['npm where nothing says more', {}, 'npm/0'],
    ['pnpm by its lock file', { 'pnpm-lock.yaml': '' }, 'pnpm/0'],
    ['yarn by its lock file', { 'yarn.lock': '' }, 'yarn/0'],
    ['bun by its lock file', { 'bun.lock': '' }, 'bun/0'],
    ['pnpm by packageManager, whatever lies beside it', { 'yarn.lock': '', x: 'pnpm@10.1.0' }, 'pnpm/10.1.0'],
    ['pnpm by packageManager with a hash', { x: 'pnpm@10.1.0+sha512.abc' }, 'pnpm/10.1.0'],
    ['npm by what it does not know', { x: 'constructor@1' }, 'npm/0'],
  ])('%s', async (_what, { x, ...files }: Record<string, string>, agent) => {
    const scripts = { test: says };
    const base = { ...files, 'package.json': json({ packageManager: x, scripts }) };
    const result = await judge({ kind: 'test', base });
    expect(result.log).toContain(`test by ${agent} node/v`);
  });

  it('in a workspace, the one that the top names', async () => {
    const base = {
      'package.json': json({ packageManager: 'pnpm@10.1.0' }),
      'packages/a/package.json': manifest({ test: says }),
    };
    const result = await judge({ kind: 'test', base, attempt: { 'packages/a/x.js': '' } });
    expect(result.log).toContain('test by pnpm/10.1.0');
  });

  it('yarn from version 2 on runs no hooks, the others do', async () => {
    const scripts = { pretest: 'echo before', test: 'echo the test' };
    const files = { 'yarn.lock': '', 'package.json': json({ scripts }) };
    const classic = await judge({ kind: 'test', base: files });
    expect(classic.log).toContain('before');
    const berry = await judge({ kind: 'test', base: { ...files, '.yarnrc.yml': '' } });
    expect(berry.log).not.toContain('before');
  });

  it('yarn with Plug’n’Play finds the tools that are in no node_modules', async () => {
    const base = {
      'package.json': json({
        name: 'top',
        private: true,
        workspaces: ['tool'],
        devDependencies: { 'own-tool': 'workspace:*' },
        scripts: { test: 'own-tool' },
      }),
      'yarn.lock': '',
      '.yarnrc.yml': 'enableTelemetry: false\nenableGlobalCache: false\nenableNetwork: false\n',
      'tool/package.json': json({ name: 'own-tool', version: '1.0.0', bin: './tool.js' }),
      'tool/tool.js':
        "#!/usr/bin/env node\nconsole.log('the tool of yarn');\nprocess.exit(process.env.CI ? 0 : 1);\n",
    };
    const install = (cwd: string) => {
      execFileSync(process.execPath, [yarn, 'install', '--no-immutable'], {
        cwd,
        stdio: 'ignore',
      });
    };
    const result = await judge({ ...ours, kind: 'test', base, prepare: install });
    expect(result).toMatchObject({ status: 'pass', log: expect.stringContaining('the tool of yarn') });
    expect(result.log).toContain('script `test` of package.json');
    // Its own settings could name another yarn.
    const attempt = {
      '.yarnrc.yml': 'yarnPath: ./weak.cjs\n',
      'weak.cjs': '',
      'tool/tool.js': 'process.exit(7);\n',
    };
    const weak = await judge({ ...ours, kind: 'test', base, attempt, prepare: install });
    expect(weak.status).toBe('fail');
    expect(weak.reason).toContain("judged with the run's first version of .yarnrc.yml");
  });
});

describe('a script that a script runs by its package manager', () => {
  const scripts = { test: 'pnpm run unit', unit: 'echo the unit; exit 1' };
  const base = { 'package.json': manifest(scripts), 'pnpm-lock.yaml': '' };

  it.each([
    ['a shell in pnpm-workspace.yaml', { 'pnpm-workspace.yaml': 'packages: [.]\nscriptShell: /bin/true\n' }],
    ['a shell in .npmrc', { '.npmrc': 'script-shell=/bin/true\n' }],
    ['its own version of the script', { 'package.json': manifest({ ...scripts, unit: 'true' }) }],
  ])('of pnpm is not weakened by %s', async (_what, attempt) => {
    const result = await judge({ ...ours, kind: 'test', base, attempt });
    expect(result.status).toBe('fail');
    expect(result.reason).toContain('the unit');
    expect(result.after).toMatchObject(attempt);
  });

  it('of pnpm passes where it does', async () => {
    const passing = { ...base, 'package.json': manifest({ ...scripts, unit: 'echo the unit' }) };
    const result = await judge({ ...ours, kind: 'test', base: passing });
    expect(result).toMatchObject({ status: 'pass', log: expect.stringContaining('the unit') });
  });

  it.each([
    ['a hook of the script', { 'package.json': manifest({ pretest: 'touch weak', test: 'test -f weak' }) }],
    [
      'settings that choose another package',
      { '.npmrc': 'workspace=weak\n', 'weak/package.json': manifest({ test: 'true' }) },
    ],
    [
      'settings that make a missing script no mistake',
      { '.npmrc': 'if-present=true\nscript-shell=/bin/true\n' },
    ],
  ])('of npm is not weakened by %s', async (_what, attempt) => {
    const top = json({
      name: 'top',
      version: '1.0.0',
      workspaces: ['weak'],
      scripts: { test: 'test -f weak' },
    });
    const result = await judge({
      kind: 'test',
      base: { 'package.json': top, 'gump.toml': '[validation]\ntest = "npm test"\n' },
      attempt,
    });
    expect(result.status).toBe('fail');
    expect(result.reason).toContain('`npm test` ended with exit code 1');
  });
});
