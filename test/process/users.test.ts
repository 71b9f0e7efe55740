import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { probe, whySkipped } from './bubblewrap.ts';

const program = join(import.meta.dirname, 'enclosed-look.ts');
/** Nobody owns nothing: a user as ordinary as can be had without making one. */
const nobody = 65_534;
const asNobody = ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups'];

function whyNotAsNobody(): string {
  if (!probe.usable) return whySkipped;
  if (process.getuid?.() !== 0) return ' (skipped: only root can become another user)';
  const looks = ['sh', '-c', 'test -r "$1" && test -x "$2"', 'sh', program, process.execPath];
  const { status } = spawnSync('setpriv', [...asNobody, ...looks]);
  return status === 0 ? '' : ' (skipped: another user cannot read this folder, or there is no setpriv)';
}

function look(command: readonly string[], owner: number | undefined): unknown {
  const dir = mkdtempSync(join(tmpdir(), 'gump-user-'));
  if (owner !== undefined) chownSync(dir, owner, owner);
  try {
    const [file = '', ...args] = [...command, process.execPath, program, dir];
    const env = { PATH: process.env.PATH ?? '', HOME: dir };
    const { stdout, stderr } = spawnSync(file, args, { env, encoding: 'utf8' });
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const everything = {
  probe: 'usable',
  written: 'b\n',
  denied: 'a',
  hidden: expect.stringMatching(/^[1-6]\n$/),
  rights: '1\n',
};

it.skipIf(!probe.usable)(`the user who runs the tests is enclosed${whySkipped}`, () => {
  expect(look([], undefined)).toEqual({ ...everything, user: `${process.getuid?.()}\n` });
});

const why = whyNotAsNobody();
it.skipIf(why !== '')(`an ordinary user is enclosed as root is${why}`, () => {
  expect(look(['setpriv', ...asNobody], nobody)).toEqual({ ...everything, user: `${nobody}\n` });
});
