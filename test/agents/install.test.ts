import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { readWantedClis } from '../../src/agents/cli-packages.ts';
import { installClis } from '../../src/agents/install.ts';
import { type Published, type Registry, startRegistry } from './registry-server.ts';

const platform = `${process.platform}-${process.arch}`;
const native = `@anthropic-ai/claude-code-${platform}`;
/** As the real one: a stub that a script would replace, and the program in a package of this machine's kind. */
const claude: readonly Published[] = ['1.0.0', '2.1.330'].flatMap((version) => [
  {
    ...{ name: '@anthropic-ai/claude-code', version },
    files: { 'bin/claude.exe': '#!/bin/sh\nexit 1\n', 'install.sh': '#!/bin/sh\ntouch "$RAN"\n' },
    more: {
      bin: { claude: 'bin/claude.exe' },
      scripts: { preinstall: './install.sh', install: './install.sh', postinstall: './install.sh' },
      optionalDependencies: { [native]: version },
    },
  },
  {
    ...{ name: native, version, more: { os: [process.platform], cpu: [process.arch] } },
    files: { claude: `#!/bin/sh\necho "${version} (Claude Code)"\nenv > "$(dirname "$0")/env"\n` },
  },
]);
const codex: Published = {
  ...{ name: '@openai/codex', version: '9.9.9', more: { bin: { codex: 'codex.js' } } },
  files: { 'codex.js': '#!/usr/bin/env node\nconsole.log("codex 9.9.9");\n' },
};

let dir: string;
let registry: Registry;
let logged: string[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gump-tools-'));
  registry = await startRegistry([...claude, codex]);
  logged = [];
});
afterEach(async () => {
  await registry.close();
  await rm(dir, { recursive: true, force: true });
});

const environment = () => ({
  ...{ PATH: process.env.PATH, HOME: dir, RAN: join(dir, 'ran'), ANTHROPIC_API_KEY: 'planted-key' },
  npm_config_registry: registry.url,
});

function install(line: string): Promise<readonly string[]> {
  const { wanted, problems } = readWantedClis(line);
  expect(problems).toEqual([]);
  const log = (text: string) => void logged.push(text);
  return installClis(wanted, { cache: join(dir, 'cache'), env: environment(), log });
}

/** Every entry and whatever else lies beside one. */
function entries(family: string): string[] {
  const folder = join(dir, 'cache/gump-agent-cli', family);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((version) =>
    readdirSync(join(folder, version)).map((name) => `${version}/${name}`),
  );
}

describe('an agent CLI of an exact version', () => {
  it('is installed with the program of this machine, without a script, and found again without a request', async () => {
    const [bin = ''] = await install('claude-code@1.0.0\n');
    // What its first start saw, which was the installation's own.
    expect(readFileSync(join(bin, 'env'), 'utf8')).not.toContain('planted-key');
    expect(execFileSync(join(bin, 'claude'), { encoding: 'utf8' })).toBe('1.0.0 (Claude Code)\n');
    expect(existsSync(join(dir, 'ran'))).toBe(false);
    expect(entries('claude')).toEqual([`1.0.0/${platform}`]);
    const { length } = registry.asked;
    expect(length).toBeGreaterThan(0);
    expect(await install('claude@1.0.0')).toEqual([bin]);
    expect(registry.asked).toHaveLength(length);
    expect(logged).toEqual([
      expect.stringContaining('installed, 2 packages verified'),
      expect.stringContaining('found in the tool cache'),
    ]);
  });

  it('is started as npm links it where it needs no program of this machine', async () => {
    const [bin = ''] = await install('@openai/codex@9.9.9');
    expect(execFileSync(join(bin, 'codex'), { encoding: 'utf8' })).toBe('codex 9.9.9\n');
  });

  it('is refused where the file has another hash than the registry tells, and nothing is kept', async () => {
    registry.onFile = (answer, file) => answer.end(Buffer.concat([file, Buffer.from('more')]));
    await expect(install('codex@9.9.9')).rejects.toThrow(
      '@openai/codex@9.9.9 was not installed: what the registry sent does not have the hash',
    );
    expect(entries('codex')).toEqual([]);
  });

  it('is refused where the registry tells another hash than the one that was recorded', async () => {
    await expect(install('claude-code@2.1.330')).rejects.toThrow(
      'is another file than the one that was published',
    );
    expect(entries('claude')).toEqual([]);
  });

  it('is refused where the program for this machine did not come, or there is no such version', async () => {
    registry.onFile = (answer, file) => answer.end(file);
    const asked = registry.asked;
    registry.onFile = (answer, file) => {
      if (asked.at(-1)?.includes(platform)) answer.writeHead(404).end();
      else answer.end(file);
    };
    await expect(install('claude-code@1.0.0')).rejects.toThrow('it brought no program for');
    await expect(install('codex@9.9.8')).rejects.toThrow('the registry has no such version');
    expect([...entries('claude'), ...entries('codex')]).toEqual([]);
  });

  it('is installed once by two jobs at once, and both have it', async () => {
    const both = await Promise.all([install('codex@9.9.9'), install('codex@9.9.9')]);
    expect(both[0]).toEqual(both[1]);
    expect(entries('codex')).toEqual([`9.9.9/${platform}`]);
    expect(execFileSync(join(both[0]?.[0] ?? '', 'codex'), { encoding: 'utf8' })).toBe('codex 9.9.9\n');
  });

  it('is not there after a crash in the middle, and is installed by the next job; what was left goes when it is old', async () => {
    const arrived = new Promise<void>((resolve) => {
      registry.onFile = () => resolve();
    });
    const program = join(import.meta.dirname, 'install.program.ts');
    const child = spawn(process.execPath, [program, join(dir, 'cache'), 'codex@9.9.9'], {
      ...{ env: environment(), stdio: 'ignore', detached: true },
    });
    const ended = once(child, 'exit');
    await arrived;
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await ended;
    const left = entries('codex');
    expect(left).toEqual([expect.stringMatching(/^9\.9\.9\/\.staging-/)]);
    registry.onFile = null;
    const old = join(dir, 'cache/gump-agent-cli/codex', left[0] ?? '');
    execFileSync('touch', ['-d', '3 days ago', old]);
    await install('codex@9.9.9');
    expect(entries('codex')).toEqual([`9.9.9/${platform}`]);
  });

  it('is made anew where the entry is damaged', async () => {
    const [bin = ''] = await install('codex@9.9.9');
    rmSync(join(bin, 'codex'));
    writeFileSync(join(dirname(bin), 'gump.json'), '{');
    expect(await install('codex@9.9.9')).toEqual([bin]);
    expect(execFileSync(join(bin, 'codex'), { encoding: 'utf8' })).toBe('codex 9.9.9\n');
  });
});

test('npm that is not there is told', async () => {
  const { wanted } = readWantedClis('codex@9.9.9');
  const env = { ...environment(), PATH: dir };
  await expect(installClis(wanted, { cache: dir, env, log: () => undefined })).rejects.toThrow(
    'npm is not on PATH',
  );
});

describe('a line of `agent-cli`', () => {
  it.each([
    ['claude-code', 'takes exact versions only'],
    ['claude-code@latest', 'takes exact versions only'],
    ['claude-code@^2.1.0', 'takes exact versions only'],
    ['claude-code@2.1', 'takes exact versions only'],
    ['claude-code@2.x', 'takes exact versions only'],
    ['claude-code@>=2.1.0', 'takes exact versions only'],
    ['claude-code@2.1.0 --registry=http://evil', 'takes exact versions only'],
    ['claude-code@https://evil.example.com/x.tgz', 'takes exact versions only'],
    ['claude-code@2.1.330+evil', 'takes exact versions only'],
    ['clade-code@2.1.0', 'Did you mean `claude-code`?'],
    ['cursor@1.0.0', 'npm does not ship it'],
    ['constructor@1.0.0', 'knows no CLI `constructor`'],
    ['../evil@1.0.0', 'knows no CLI'],
    ['@openai/codex@1.0.0\ncodex@2.0.0', 'names @openai/codex twice'],
  ])('%j is refused', (line, sentence) => {
    const { problems } = readWantedClis(line);
    expect(problems).toEqual([expect.stringContaining(sentence)]);
  });

  it('may be followed by others, blank ones and comments', () => {
    const { wanted, problems } = readWantedClis(
      '\n# ours\r\nclaude-code@2.1.330\r\n\n  @openai/codex@1.0.0-rc.1  \n',
    );
    expect(problems).toEqual([]);
    expect(wanted.map(({ cli, version }) => [cli.family, version])).toEqual([
      ['claude', '2.1.330'],
      ['codex', '1.0.0-rc.1'],
    ]);
  });
});
