import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readScript, readSpecFile } from '../../src/hosting/read-files.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gump-read-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const here = (path: string) => join(dir, path);
const said = ({ diagnostics }: { readonly diagnostics: readonly { readonly message: string }[] }) =>
  diagnostics.map(({ message }) => message);

describe.each([
  ['spec', (path: string) => readSpecFile(path, (name) => name)],
  ['agent script', (path: string) => readScript(path, (name) => name)],
])('the %s of the command line', (what, read) => {
  test.each(['/dev/null', '/dev/zero', tmpdir()])('is no device and no folder: %s', async (path) => {
    expect(said(await read(path))).toEqual([`the ${what} ${path} is no plain file`]);
  });

  test('is no pipe, and nobody waits for one', async () => {
    execFileSync('mkfifo', [here('pipe')]);
    expect(said(await read(here('pipe')))).toEqual([`the ${what} ${here('pipe')} is no plain file`]);
  });

  test('that is not there cannot be read', async () => {
    expect(said(await read(here('none')))).toEqual([`the ${what} ${here('none')} cannot be read`]);
  });

  test('is not read beyond its limit, however long it is', async () => {
    writeFileSync(here('long'), 'a: b\n');
    truncateSync(here('long'), 8 * 1024 ** 3);
    const [message = ''] = said(await read(here('long')));
    expect(message).toMatch(/long|larger|more than/);
    expect(message).not.toMatch(/cannot be read/);
  });
});
