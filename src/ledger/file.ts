/** The ledger as a file: `manifest.ndjson` in the run's folder, append-only, on disk before `append` settles. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { GumpError } from '../errors.ts';
import { type DecodedLedger, decodeLedger, encodeEvent } from '../events/codec.ts';
import type { Event } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { Ledger } from '../ports/ledger.ts';
import { checkArtifactName } from './artifact.ts';
import { type Disk, type DiskFile, realDisk, systemCode, writeAll, writeDurably } from './disk.ts';
import { takeLock } from './lock.ts';
import { checkOrder } from './order.ts';

export const manifestName = 'manifest.ndjson';

export interface FileLedger extends Ledger {
  /** What a crash had left at the end and was cut off, as it was found; null where nothing was. */
  readonly dropped: string | null;
  /** Gives the run free for another process. Later appends are refused. */
  close(): Promise<void>;
}

/**
 * Opens the ledger of a run's folder for this process alone; the folder is made where it is missing.
 * @throws GumpError `ledger` when another process holds it, when a line is damaged, or when the disk says no.
 */
export async function openFileLedger(folder: string, disk: Disk = realDisk): Promise<FileLedger> {
  return guarded('opened', folder, async () => {
    await disk.makeFolder(folder);
    const lock = await takeLock(disk, folder);
    try {
      const found = await readManifest(folder, disk);
      const file = await openManifest(folder, found, disk);
      return ledgerOn({ folder, disk, file, found, release: lock.release });
    } catch (error) {
      await lock.release();
      throw error;
    }
  });
}

/**
 * What the manifest of a folder holds, without a lock; empty where there is none.
 * @throws GumpError `ledger` when a line is damaged, naming it.
 */
export async function readManifest(folder: string, disk: Disk = realDisk): Promise<Manifest> {
  const path = join(folder, manifestName);
  const bytes = await disk.read(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  if (bytes.length > limits.ledgerBytesMax) throw tooLong(path);
  const decoded = decodeLedger(bytes.toString('utf8'));
  if (decoded.error) throw damaged(path, decoded.error);
  return { ...decoded, sizeBytes: bytes.length, wholeBytes: bytes.length - tornBytes(bytes, decoded) };
}

export interface Manifest extends DecodedLedger {
  readonly sizeBytes: number;
  /** Up to the end of the last whole line. */
  readonly wholeBytes: number;
}

/** Counted in the bytes themselves: a torn line may end within a character. */
function tornBytes(bytes: Buffer, { dropped }: DecodedLedger): number {
  if (dropped === null) return 0;
  const endsWithLine = bytes.at(-1) === 0x0a;
  return bytes.length - (bytes.subarray(0, endsWithLine ? -1 : undefined).lastIndexOf(0x0a) + 1);
}

async function openManifest(folder: string, found: Manifest, disk: Disk): Promise<DiskFile> {
  const file = await disk.append(join(folder, manifestName));
  try {
    if (found.wholeBytes < found.sizeBytes) await file.truncate(found.wholeBytes);
    // What was read may never have reached the disk; nobody must act on it before it has.
    await file.sync();
    await disk.syncFolder(folder);
    return file;
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

interface Opened {
  readonly folder: string;
  readonly disk: Disk;
  readonly file: DiskFile;
  readonly found: Manifest;
  readonly release: () => Promise<void>;
}

function ledgerOn({ folder, disk, file, found, release }: Opened): FileLedger {
  let sizeBytes = found.wholeBytes;
  let seq = found.events.length;
  let refused: string | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  function serialised<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  }

  async function append(events: readonly Event[]): Promise<void> {
    if (refused !== null) throw refusal(folder, refused);
    if (events.length === 0) return;
    checkOrder(events, seq);
    const bytes = Buffer.from(events.map((event) => `${encodeEvent(event)}\n`).join(''));
    if (sizeBytes + bytes.length > limits.ledgerBytesMax) throw tooLong(join(folder, manifestName));
    try {
      await writeAll(file, bytes);
      await file.sync();
    } catch (error) {
      refused = 'an earlier append failed';
      // All or none: what got through is taken back; where even that fails, reopening reads what is there.
      await file.truncate(sizeBytes).catch(() => undefined);
      throw failure('written', folder, error);
    }
    sizeBytes += bytes.length;
    seq += events.length;
  }

  async function close(): Promise<void> {
    if (refused === 'it is closed') return;
    refused = 'it is closed';
    await file.close().catch(() => undefined);
    await release();
  }

  return {
    dropped: found.dropped,
    read: () =>
      serialised(() => guarded('read', folder, async () => (await readManifest(folder, disk)).events)),
    append: (events) => serialised(() => append(events)),
    // Commits are in the repository on the same disk; what keeps them there is holding.ts.
    hold: () => undefined,
    settle: () => serialised(async () => undefined),
    keep: (name, text) => guarded('written', folder, () => keep(disk, folder, { name, text })),
    close: () => serialised(close),
  };
}

async function keep(disk: Disk, folder: string, artifact: { name: string; text: string }): Promise<void> {
  const name = checkArtifactName(artifact.name);
  const artifacts = join(folder, 'artifacts');
  await disk.makeFolder(artifacts);
  const temp = join(folder, `.keep-${randomBytes(6).toString('hex')}`);
  await writeDurably(disk, { folder: artifacts, name, temp }, artifact.text);
}

async function guarded<T>(verb: string, folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof GumpError ? error : failure(verb, folder, error);
  }
}

function failure(verb: string, folder: string, cause: unknown): GumpError {
  const full = ['ENOSPC', 'EDQUOT'].includes(systemCode(cause));
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GumpError(`The ledger in ${folder} was not ${verb}: ${why}.`, {
    code: 'ledger',
    hint: full
      ? 'Make room on that disk, then resume the run: nothing that was recorded is lost.'
      : 'See to that folder and disk, then resume the run: nothing that was recorded is lost.',
    retryable: full,
    cause,
  });
}

function refusal(folder: string, why: string): GumpError {
  return new GumpError(`Nothing was appended to the ledger in ${folder}: ${why}.`, {
    code: 'ledger',
    hint: 'Resume the run: its ledger is read again and goes on behind the last whole line.',
  });
}

function damaged(path: string, error: { line: number; message: string }): GumpError {
  return new GumpError(`The ledger was not read: ${path}:${error.line}: ${error.message}.`, {
    code: 'ledger',
    hint: 'No crash leaves this; somebody changed the file. Restore it, or start a new run.',
  });
}

function tooLong(path: string): GumpError {
  return new GumpError(`${path} would be longer than ${limits.ledgerBytesMax} bytes.`, {
    code: 'limit',
    hint: 'Start a new run from the last step that passed.',
  });
}
