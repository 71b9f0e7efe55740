import { describe, expect, it } from 'vitest';
import { judge, manifest } from './project.ts';

const goodTest = `import test from 'node:test';\nimport assert from 'node:assert/strict';\ntest('adds', () => assert.equal(1 + 1, 2));\n`;
const badTest = goodTest.replace('1 + 1, 2', '1 + 1, 3');
const nodeProject = { 'package.json': manifest({ test: 'node --test' }), 'sum.test.js': goodTest };

describe('the gate `test` of a package', () => {
  it('passes when the script passes', async () => {
    const result = await judge({ kind: 'test', base: nodeProject });
    expect(result).toMatchObject({ status: 'pass', reason: '' });
    expect(result.log).toContain('$ node --test');
    expect(result.log).toContain('# script `test` of package.json');
  });

  it('fails with the failing assertion, the command and its exit code', async () => {
    const result = await judge({ kind: 'test', base: nodeProject, attempt: { 'sum.test.js': badTest } });
    expect(result.status).toBe('fail');
    expect(result.reason).toContain('`node --test` ended with exit code 1 (script `test` of package.json)');
    expect(result.reason).toContain('2 !== 3');
  });

  it('runs the scripts before and behind it, and a failing one fails the gate', async () => {
    const scripts = {
      pretest: 'echo before > order',
      test: 'echo test >> order',
      posttest: 'cat order; exit 3',
    };
    const result = await judge({ kind: 'test', base: { 'package.json': manifest(scripts) } });
    expect(result.reason).toContain('`cat order; exit 3` ended with exit code 3');
    expect(result.reason).toContain('before\ntest');
  });

  it('finds the tools of node_modules, from the folder of the package upwards', async () => {
    const script = 'chmod +x node_modules/.bin/* ../../node_modules/.bin/*; own && shared';
    const attempt = {
      'packages/a/node_modules/.bin/own': '#!/bin/sh\necho the own tool\n',
      'packages/a/node_modules/.bin/shared': null,
      'node_modules/.bin/own': '#!/bin/sh\nexit 1\n',
      'node_modules/.bin/shared': '#!/bin/sh\necho the shared tool\n',
    };
    const base = { 'package.json': manifest({}), 'packages/a/package.json': manifest({ test: script }) };
    const result = await judge({ kind: 'test', base, attempt, order: { files: ['packages/a/x.js'] } });
    expect(result).toMatchObject({
      status: 'pass',
      log: expect.stringContaining('the own tool\nthe shared tool'),
    });
  });

  it('gives scripts the variables that npm gives, and nothing of ours', async () => {
    const script =
      'test "$npm_lifecycle_event $npm_package_name $npm_package_version $CI" = "test sample 1.2.3 true" && test -z "$GITHUB_TOKEN"';
    expect(await judge({ kind: 'test', base: { 'package.json': manifest({ test: script }) } })).toMatchObject(
      { status: 'pass' },
    );
  });

  it('gives no input, so that a question does not hang', async () => {
    const result = await judge({ kind: 'test', base: { 'package.json': manifest({ test: 'read answer' }) } });
    expect(result.status).toBe('fail');
  });

  it('says that node_modules is missing where that is the reason', async () => {
    const result = await judge({
      kind: 'test',
      base: { 'package.json': manifest({ test: 'no-such-tool-anywhere' }) },
    });
    expect(result.reason).toContain('exit code 127');
    expect(result.reason).toContain('node_modules is missing here');
  });

  it("does not take npm's placeholder for a test", async () => {
    const scripts = { test: 'echo "Error: no test specified" && exit 1' };
    const result = await judge({ kind: 'test', base: { 'package.json': manifest(scripts) } });
    expect(result.reason).toContain('no test command was found');
  });
});

describe('a gate that cannot judge', () => {
  it.each(['compile', 'test'] as const)(
    '`%s` fails without a command and says what to configure',
    async (kind) => {
      const result = await judge({ kind, base: { 'readme.md': '' } });
      expect(result).toMatchObject({ status: 'fail', log: '' });
      expect(result.reason).toContain(`no ${kind} command was found`);
      expect(result.reason).toContain(`[validation] ${kind} = "…"`);
    },
  );

  it('`lint` is skipped without a command and with a missing tool, and says so', async () => {
    const none = await judge({ kind: 'lint', base: nodeProject });
    expect(none).toMatchObject({
      status: 'skip',
      reason: expect.stringContaining('no lint command was found'),
    });
    const missing = await judge({
      kind: 'lint',
      base: { 'package.json': manifest({ lint: 'no-such-linter .' }) },
    });
    expect(missing).toMatchObject({ status: 'skip', reason: expect.stringContaining('not installed') });
  });

  it('`lint` fails when the linter complains', async () => {
    const result = await judge({
      kind: 'lint',
      base: { 'package.json': manifest({ lint: 'echo complaint; exit 1' }) },
    });
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringContaining('complaint') });
  });

  it('fails as stopped when it is aborted, before and while its command runs', async () => {
    const base = { 'package.json': manifest({ test: 'sleep 30' }) };
    const stopped = AbortSignal.abort();
    expect(await judge({ kind: 'test', base, order: { signal: stopped } })).toMatchObject({
      status: 'fail',
      reason: 'stopped',
    });
    const started = performance.now();
    const result = await judge({ kind: 'test', base, order: { signal: AbortSignal.timeout(200) } });
    expect(result).toMatchObject({ status: 'fail', reason: 'stopped' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('gump.toml', () => {
  it('comes before what the project says', async () => {
    const base = { ...nodeProject, 'gump.toml': '[validation]\ntest = "echo of gump.toml; exit 5"\n' };
    const result = await judge({ kind: 'test', base });
    expect(result.reason).toContain('exit code 5 ([validation] of gump.toml)');
  });

  it('that cannot be read fails the gate with its place', async () => {
    const result = await judge({ kind: 'test', base: { 'gump.toml': '[validation]\ntset = "x"\n' } });
    expect(result.status).toBe('fail');
    expect(result.reason).toContain('gump.toml:2:1: error: unknown key `tset`');
  });

  it('comes before the user’s own configuration, which comes before what the project says', async () => {
    const validation = { test: 'exit 6', compile: 'exit 7' };
    const base = { ...nodeProject, 'gump.toml': '[validation]\ntest = "exit 5"\n' };
    expect((await judge({ kind: 'test', base, validation })).reason).toContain('exit code 5');
    expect((await judge({ kind: 'compile', base, validation })).reason).toContain(
      'exit code 7 ([validation] of ~/.gump/config.toml)',
    );
  });

  it('says how long a command may take', async () => {
    const base = { 'gump.toml': '[validation]\ntest = "sleep 60"\ntimeout = "1s"\n' };
    const result = await judge({ kind: 'test', base, validation: { timeout: 3_600_000 } });
    expect(result).toMatchObject({ status: 'fail' });
    expect(result.reason).toContain('did not end within 1 s ([validation] timeout)');
  });

  it('holds the gate `bash` to the same time', async () => {
    const base = { 'gump.toml': '[validation]\ntimeout = "1s"\n' };
    const result = await judge({ kind: 'bash', argument: 'sleep 60', base });
    expect(result.reason).toContain('did not end within 1 s');
  });

  it('of the attempt is asked where the first commit says `from = "head"`', async () => {
    const base = { 'gump.toml': '[validation]\nfrom = "head"\ntest = "exit 5"\n' };
    const attempt = { 'gump.toml': '[validation]\nfrom = "head"\ntest = "exit 8"\n' };
    expect((await judge({ kind: 'test', base, attempt })).reason).toContain('exit code 8');
  });
});

describe('what an attempt does to its judge', () => {
  const weak = 'true';
  it.each([
    [
      'the script',
      { 'package.json': manifest({ test: 'node --test' }) },
      { 'package.json': manifest({ test: weak }) },
    ],
    [
      'a script that the script runs',
      { 'package.json': manifest({ test: 'npm run -s unit', unit: 'node --test' }) },
      { 'package.json': manifest({ test: 'npm run -s unit', unit: weak }) },
    ],
    [
      'a script that gump.toml runs',
      { 'gump.toml': '[validation]\ntest = "npm test"\n', 'package.json': manifest({ test: 'node --test' }) },
      { 'package.json': manifest({ test: weak }) },
    ],
    [
      'gump.toml',
      { 'gump.toml': '[validation]\ntest = "node --test"\n' },
      { 'gump.toml': '[validation]\ntest = "true"\n' },
    ],
    [
      'a new gump.toml',
      { 'package.json': manifest({ test: 'node --test' }) },
      { 'gump.toml': '[validation]\ntest = "true"\n' },
    ],
    [
      'the head as its source',
      { 'package.json': manifest({ test: 'node --test' }) },
      { 'gump.toml': '[validation]\nfrom = "head"\ntest = "true"\n' },
    ],
    ['the Makefile', { Makefile: 'test:\n\tnode --test\n' }, { Makefile: 'test:\n\ttrue\n' }],
    [
      'a GNUmakefile before the Makefile',
      { Makefile: 'test:\n\tnode --test\n' },
      { GNUmakefile: 'test:\n\ttrue\n' },
    ],
    [
      'a Makefile that the Makefile includes',
      {
        Makefile: 'include rules.mk\n',
        'rules.mk': 'test:\n\tnode --test\n',
        'gump.toml': '[validation]\ntest = "make test"\n',
      },
      { 'rules.mk': 'test:\n\ttrue\n' },
    ],
    [
      'a Makefile that the Makefile calls',
      { Makefile: 'test:\n\t$(MAKE) -C lib test\n', 'lib/Makefile': 'test:\n\tcd .. && node --test\n' },
      { 'lib/Makefile': 'test:\n\ttrue\n' },
    ],
    [
      'a package.json of its own beside the changed file',
      { 'package.json': manifest({ test: 'node --test' }) },
      { 'sub/package.json': manifest({ test: weak }), 'sub/x.js': '' },
    ],
  ])('by changing %s does not help it', async (_what, base, attempt) => {
    const tests = { 'sum.test.mjs': badTest };
    const result = await judge({
      kind: 'test',
      base: { ...base, 'sum.test.mjs': goodTest },
      attempt: { ...attempt, ...tests },
    });
    expect(result.status).toBe('fail');
    expect(result.reason).toContain('2 !== 3');
    expect(result.after).toMatchObject({ ...attempt, ...tests });
  });

  it('is told in the report when a first version was put back', async () => {
    const base = {
      'package.json': manifest({ test: 'npm run -s unit', unit: 'node --test' }),
      'sum.test.js': goodTest,
    };
    const attempt = { 'package.json': manifest({ test: 'npm run -s unit', unit: 'true', added: 'true' }) };
    const result = await judge({ kind: 'test', base, attempt });
    expect(result).toMatchObject({
      status: 'pass',
      reason: "judged with the run's first version of package.json",
    });
    expect(result.after['package.json']).toBe(attempt['package.json']);
  });

  it('leaves its own new scripts in place', async () => {
    const base = { 'package.json': manifest({ test: 'node check.js' }), 'check.js': '' };
    const check = `import { readFileSync } from 'node:fs';\nif (!JSON.parse(readFileSync('package.json', 'utf8')).scripts.added) process.exit(1);\n`;
    const attempt = { 'package.json': manifest({ test: 'true', added: 'true' }), 'check.js': check };
    expect(await judge({ kind: 'test', base, attempt })).toMatchObject({ status: 'pass' });
  });

  it('counts where the first commit has no command, and every report says so', async () => {
    const base = { 'readme.md': '' };
    const result = await judge({ kind: 'test', base, attempt: nodeProject });
    expect(result).toMatchObject({ status: 'pass' });
    expect(result.reason).toContain(
      "command taken from the attempt's own tree: script `test` of package.json",
    );
    const failing = await judge({ kind: 'test', base, attempt: { ...nodeProject, 'sum.test.js': badTest } });
    expect(failing.reason).toContain("command taken from the attempt's own tree");
    expect(failing.reason).toContain('2 !== 3');
  });

  it('counts where the first commit wants it by `from = "head"`', async () => {
    const base = { ...nodeProject, 'gump.toml': '[validation]\nfrom = "head"\n' };
    const attempt = { 'package.json': manifest({ test: 'echo new command; exit 4' }) };
    const result = await judge({ kind: 'test', base, attempt });
    expect(result.reason).toContain('exit code 4');
    expect(result.reason).toContain('from = "head"');
  });
});

describe('in a monorepo', () => {
  const base = {
    'package.json': manifest({ test: 'echo top; exit 1' }),
    'packages/a/package.json': manifest({ test: 'pwd' }),
    'packages/a/src/a.js': '',
    'packages/b/package.json': manifest({ test: 'echo b fails; exit 1' }),
    'packages/b/b.js': '',
    'packages/c/package.json': manifest({}),
    'packages/c/c.js': '',
  };

  it('the nearest package above the changed files is judged, in its own folder', async () => {
    const result = await judge({ kind: 'test', base, attempt: { 'packages/a/src/a.js': 'x' } });
    expect(result.status).toBe('pass');
    expect(result.log).toMatch(/packages\/a\n/);
  });

  it('every package with a changed file is judged', async () => {
    const attempt = { 'packages/a/src/a.js': 'x', 'packages/b/b.js': 'x' };
    const result = await judge({ kind: 'test', base, attempt });
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringContaining('b fails') });
    expect(result.log).toContain('packages/a/package.json');
  });

  it('a package without the script leaves it to the one above', async () => {
    const result = await judge({ kind: 'test', base, attempt: { 'packages/c/c.js': 'x' } });
    expect(result.reason).toContain('top');
  });

  it('a folder that the attempt removed leaves it to the one above', async () => {
    const attempt = { 'packages/b/b.js': null, 'packages/b/package.json': null };
    expect((await judge({ kind: 'test', base, attempt })).reason).toContain('top');
  });
});
