/** The ledger of a run that begins with events of another one: whole on return, or not there at all. */
import { copyFile, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { GumpError } from '../errors.ts';
import { encodeEvent } from '../events/codec.ts';
import type { Event } from '../events/event.ts';
import { limits } from '../limits.ts';
import { checkArtifactName } from './artifact.ts';
import { realDisk, writeDurably } from './disk.ts';
import { manifestName } from './file.ts';
import { checkOrder } from './order.ts';

export interface Seed {
  /** The new run's folder, without a ledger yet. */
  readonly folder: string;
  readonly events: readonly Event[];
  /** The other run's folder. */
  readonly from: string;
}

/**
 * Copies the artifacts that the events name, then writes the ledger in one step: until then the run has not begun.
 * @throws GumpError `ledger` when the disk says no, or `limit` when the ledger would be too long.
 */
export async function seedRunFolder({ folder, events, from }: Seed): Promise<void> {
  checkOrder(events, 0);
  const text = events.map((event) => `${encodeEvent(event)}\n`).join('');
  if (Buffer.byteLength(text) > limits.ledgerBytesMax)
    throw new GumpError(`The ledger in ${folder} would be longer than ${limits.ledgerBytesMax} bytes`, {
      code: 'limit',
      hint: 'Start a new run, or replay from an earlier step.',
    });
  try {
    await copyArtifacts(folder, from, artifactsOf(events));
    await writeDurably(
      realDisk,
      { folder, name: manifestName, temp: join(folder, `.new-${manifestName}`) },
      text,
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new GumpError(`The ledger in ${folder} was not written: ${why}`, {
      code: 'ledger',
      hint: 'See to that folder and disk, then replay again; `gump gc` removes what is left of this try.',
      cause: error,
    });
  }
}

/** File names in `artifacts/` that the events name. */
export function artifactsOf(events: readonly Event[]): readonly string[] {
  return [...new Set(events.flatMap((event) => ('log' in event && event.log ? [event.log] : [])))];
}

/** One that is gone (somebody tidied up) is missing in the copy as it is in the original. */
export async function copyArtifacts(folder: string, from: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const artifacts = join(folder, 'artifacts');
  await realDisk.makeFolder(artifacts);
  for (const name of names.map(checkArtifactName)) {
    const original = join(from, 'artifacts', name);
    if ((await lstat(original).catch(() => null))?.isFile()) await copyFile(original, join(artifacts, name));
  }
  await realDisk.syncFolder(artifacts);
}
