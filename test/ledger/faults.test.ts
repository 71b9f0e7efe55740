import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GumpError } from '../../src/errors.ts';
import type { Disk } from '../../src/ledger/disk.ts';
import { openFileLedger } from '../../src/ledger/file.ts';
import { notices } from '../events/record.ts';
import { type FaultKind, faultyDisk } from './faults.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gump-faults-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

interface Outcome {
  /** How many events were acknowledged. */
  readonly acknowledged: number;
  readonly kept: readonly string[];
  readonly error: unknown;
}

/** Batches of 1, 2 and 3 events with artifacts in between, on the disk given, until something fails. */
async function work(folder: string, disk: Disk): Promise<Outcome> {
  let acknowledged = 0;
  const kept: string[] = [];
  let error: unknown = null;
  const ledger = await openFileLedger(folder, disk).catch((reason: unknown) => {
    error = reason;
    return null;
  });
  if (!ledger) return { acknowledged, kept, error };
  try {
    for (const size of [1, 2, 3]) {
      await ledger.append(notices(size, acknowledged + 1));
      acknowledged += size;
      await ledger.keep(`log-${size}`, `text ${size}`);
      kept.push(`log-${size}`);
    }
  } catch (reason) {
    error = reason;
  }
  await ledger.close();
  return { acknowledged, kept, error };
}

describe.each<FaultKind>(['before', 'after', 'short'])('when the N-th operation fails (%s)', (kind) => {
  test('nothing acknowledged is lost, the error is ours, the file stays readable and can be gone on with', async () => {
    const total = await operationsOf(kind);
    expect(total).toBeGreaterThan(30);
    for (let failAt = 1; failAt <= total; failAt++) {
      const folder = join(root, `${kind}-${failAt}`);
      const { acknowledged, kept, error } = await work(folder, faultyDisk(failAt, kind));
      if (error !== null) expect(error, `operation ${failAt}`).toBeInstanceOf(GumpError);

      for (const name of kept)
        expect(await readFile(join(folder, 'artifacts', name), 'utf8')).toMatch(/^text \d$/);

      const again = await openFileLedger(folder);
      const survived = await again.read();
      expect(survived.length, `operation ${failAt}`).toBeGreaterThanOrEqual(acknowledged);
      expect(survived).toEqual(notices(survived.length));
      await again.append(notices(2, survived.length + 1));
      expect(await again.read()).toEqual(notices(survived.length + 2));
      await again.close();
    }
  });
});

async function operationsOf(kind: FaultKind): Promise<number> {
  const disk = faultyDisk(0, kind);
  const { acknowledged, error } = await work(join(root, `${kind}-none`), disk);
  expect({ acknowledged, error }).toEqual({ acknowledged: 6, error: null });
  return disk.count();
}

test('a full disk is named, what was half written is taken back, and the ledger refuses until it is opened again', async () => {
  const disk = faultyDisk(0, 'short');
  const probe = await openFileLedger(join(root, 'probe'), disk);
  const opening = disk.count();
  await probe.close();

  const folder = join(root, 'full');
  const ledger = await openFileLedger(folder, faultyDisk(opening + 3, 'short'));
  await ledger.append(notices(1));
  await expect(ledger.append(notices(2, 2))).rejects.toMatchObject({
    code: 'ledger',
    retryable: true,
    message: expect.stringContaining('ENOSPC'),
    hint: expect.stringContaining('Make room'),
  });
  await expect(ledger.append(notices(2, 2))).rejects.toThrow('an earlier append failed');
  expect(await ledger.read()).toEqual(notices(1));
  await ledger.close();
  const again = await openFileLedger(folder);
  expect(again.dropped).toBeNull();
  await again.append(notices(2, 2));
  expect(await again.read()).toEqual(notices(3));
  await again.close();
});
