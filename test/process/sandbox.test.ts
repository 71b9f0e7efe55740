import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { childEnvironment } from '../../src/process/environment.ts';
import { type Confinement, probeSandbox } from '../../src/process/sandbox.ts';
import { spawnProcess } from '../../src/process/spawn.ts';

const sandbox = await probeSandbox();
let top: string;
let tree: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'gump-box-'));
  tree = join(top, 'run/trees/one');
  mkdirSync(tree, { recursive: true });
  mkdirSync(join(top, 'scratch'));
  writeFileSync(join(tree, 'file.txt'), 'mine');
  writeFileSync(join(tree, '.env'), 'SECRET=1');
  writeFileSync(join(top, 'run/manifest.ndjson'), 'events');
});

afterEach(() => {
  rmSync(top, { recursive: true, force: true });
});

async function confined(line: string, more: Partial<Confinement> = {}) {
  if (!sandbox.available) throw new Error(sandbox.reason);
  const confinement: Confinement = { cwd: tree, access: 'read-write', network: false, ...more };
  const command = await sandbox.wrap(['bash', '-c', line], confinement);
  return spawnProcess({
    command,
    cwd: tree,
    env: childEnvironment(),
    deadlineMs: 20_000,
    outputBytesMax: 10_000,
  });
}

it('a machine without bubblewrap, or where it refuses, has no sandbox and says why', async () => {
  expect(await probeSandbox('/no/such/bwrap')).toMatchObject({
    available: false,
    reason: expect.stringContaining('not started'),
  });
  const broken = join(top, 'bwrap');
  writeFileSync(broken, '#!/bin/sh\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n', {
    mode: 0o755,
  });
  expect(await probeSandbox(broken)).toMatchObject({
    available: false,
    reason: expect.stringContaining('No permissions'),
  });
});

it('a program that only claims to confine is found out', async () => {
  const loose = join(top, 'bwrap');
  writeFileSync(loose, '#!/bin/bash\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n', {
    mode: 0o755,
  });
  expect(await probeSandbox(loose)).toMatchObject({
    available: false,
    reason: expect.stringContaining('a write outside'),
  });
});

describe.runIf(sandbox.available)('a confined command', () => {
  it('writes its tree and what it is given, and nothing else', async () => {
    const given = join(top, 'scratch');
    const result = await confined(
      `echo a > new; echo b > ${given}/b; echo c > ${homedir()}/gump-c; echo d > ../d; true`,
      { writable: [given] },
    );
    expect(result.exitCode).toBe(0);
    expect(readFileSync(join(tree, 'new'), 'utf8')).toBe('a\n');
    expect(readFileSync(join(given, 'b'), 'utf8')).toBe('b\n');
    expect(() => readFileSync(join(homedir(), 'gump-c'))).toThrow();
    expect(() => readFileSync(join(tree, '../d'))).toThrow();
  });

  it('cannot write a tree that it may only read', async () => {
    const result = await confined('cat file.txt; echo x > file.txt', { access: 'read-only' });
    expect(result.stdout).toBe('mine');
    expect(result.exitCode).not.toBe(0);
    expect(readFileSync(join(tree, 'file.txt'), 'utf8')).toBe('mine');
  });

  it('does not see what is hidden, around its tree or in it', async () => {
    const result = await confined('cat ../../manifest.ndjson; cat .env; cat file.txt', {
      hidden: [join(top, 'run'), join(tree, '.env'), '/no/such'],
    });
    expect(result.stdout).toBe('mine');
    expect(readFileSync(join(tree, '.env'), 'utf8')).toBe('SECRET=1');
  });

  it('reaches the network only where it may', async () => {
    const server = createServer((_, response) => response.end('reached'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const look = `exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3`;
    expect((await confined(look)).stdout).not.toContain('reached');
    expect((await confined(look, { network: true })).stdout).toContain('reached');
    server.close();
  });

  it('takes with it also what cleared its environment and left the session', async () => {
    const result = await confined(`(env -i setsid bash -c 'sleep 1; echo late > ${tree}/late' &); sleep 0.1`);
    expect(result.exitCode).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(() => readFileSync(join(tree, 'late'))).toThrow();
  });
});
