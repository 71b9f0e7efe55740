import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readMachine } from '../../src/process/machine.ts';
import { probeSandbox } from '../../src/process/probe.ts';
import { probe, whySkipped } from './bubblewrap.ts';

let dir: string;
const { mounts } = readMachine();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gump-bwrap-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** A program that is found as `bwrap`. */
function pretend(script: string) {
  const file = join(dir, 'bwrap');
  writeFileSync(file, `#!/bin/bash\n[ "$1" = --version ] && { echo "bubblewrap 9.9"; exit; }\n${script}\n`);
  chmodSync(file, 0o755);
  return probeSandbox({ mounts, searchPath: dir });
}

/** Runs the command as it is. */
const noSandbox =
  'while [ "$1" != -- ]; do [ "$1" = --chdir ] && cd "$2"; shift; done; shift; "$@"; echo \'"exit-code"\' >&3';

describe('the probe', () => {
  it('says what to install where there is no bubblewrap', async () => {
    expect(await probeSandbox({ mounts, searchPath: dir })).toEqual({
      usable: false,
      reason: 'bubblewrap is not installed',
      hint: expect.stringContaining('apt-get install bubblewrap'),
    });
  });

  it('says that only Linux has it', async () => {
    expect(await probeSandbox({ mounts, platform: 'darwin' })).toMatchObject({
      usable: false,
      reason: expect.stringContaining('darwin'),
    });
  });

  it('quotes what bubblewrap says, and what can be done', async () => {
    const found = await pretend('echo "bwrap: setting up uid map: Permission denied" >&2; exit 1');
    expect(found).toMatchObject({
      usable: false,
      reason: 'bubblewrap 9.9 does not work here: bwrap: setting up uid map: Permission denied',
      hint: expect.stringMatching(/AppArmor|user namespaces|container/),
    });
  });

  it('believes no sandbox that lets a write through', async () => {
    const found = await pretend(noSandbox);
    expect(found).toMatchObject({
      usable: false,
      reason: expect.stringContaining('a write that it should have denied'),
    });
  });

  it('believes no sandbox in which nothing can be done', async () => {
    const found = await pretend('echo \'{ "exit-code": 0 }\' >&3');
    expect(found).toMatchObject({
      usable: false,
      reason: expect.stringContaining('nothing could be done in it'),
    });
  });

  it.skipIf(!probe.usable)(`believes no sandbox that lets a connection through${whySkipped}`, async () => {
    const real = probe.usable ? probe.program : '';
    const found = await pretend(
      `a=(); for word in "$@"; do [ "$word" = --unshare-net ] || a+=("$word"); done; exec ${real} "\${a[@]}"`,
    );
    expect(found).toMatchObject({ usable: false, reason: expect.stringContaining('a connection') });
  });

  it.skipIf(!probe.usable)(`does without what an older bubblewrap does not know${whySkipped}`, async () => {
    const real = probe.usable ? probe.program : '';
    const older =
      'for word in "$@"; do [ "$word" = --disable-userns ] && { echo "bwrap: Unknown option $word" >&2; exit 1; }; done';
    expect(await pretend(`${older}; exec ${real} "$@"`)).toMatchObject({ usable: true, closed: false });
  });

  it.skipIf(!probe.usable)(`works where a folder of PATH lies below /var/tmp${whySkipped}`, async () => {
    const folder = mkdtempSync('/var/tmp/gump-bin-');
    const { mounts: more } = readMachine({ ...process.env, PATH: `${folder}:${process.env.PATH}` });
    expect(await probeSandbox({ mounts: more })).toMatchObject({ usable: true });
    rmSync(folder, { recursive: true });
  });

  it.skipIf(!probe.usable)(`tells program and version, and leaves nothing behind${whySkipped}`, async () => {
    vi.stubEnv('TMPDIR', dir);
    const found = await probeSandbox({ mounts, searchPath: ['', '.', process.env.PATH].join(delimiter) });
    vi.unstubAllEnvs();
    expect(found).toMatchObject({ usable: true, name: expect.stringMatching(/^bubblewrap \d/) });
    expect(found.usable && existsSync(found.program) && found.program.startsWith('/')).toBe(true);
    expect(readdirSync(dir)).toEqual([]);
  });
});
