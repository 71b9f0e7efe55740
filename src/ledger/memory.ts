/** The ledger in memory, for tests and rehearsals: what is read back went through the codec like on a disk. */
import { GumpError } from '../errors.ts';
import { decodeLedger, encodeEvent } from '../events/codec.ts';
import type { Event } from '../events/event.ts';
import type { Ledger } from '../ports/ledger.ts';
import { checkArtifactName } from './artifact.ts';
import { checkOrder } from './order.ts';

export interface MemoryLedger extends Ledger {
  /** The manifest's text as a file would hold it. */
  text(): string;
  readonly artifacts: ReadonlyMap<string, string>;
  /** The commits that `settle` was called with, in order. */
  readonly settled: readonly (string | null)[];
  /** Those that `hold` was called with, in order. */
  readonly held: readonly string[];
}

/** A ledger that begins with the whole lines of `text` (default: none). @throws GumpError `ledger` when one is damaged. */
export function openMemoryLedger(text = ''): MemoryLedger {
  const found = decodeLedger(text);
  if (found.error) {
    throw new GumpError(`The ledger was not read: line ${found.error.line}: ${found.error.message}.`, {
      code: 'ledger',
    });
  }
  const lines = found.events.map(encodeEvent);
  const artifacts = new Map<string, string>();
  const settled: (string | null)[] = [];
  const held: string[] = [];
  return {
    artifacts,
    settled,
    held,
    text: () => lines.map((line) => `${line}\n`).join(''),
    read: async () => lines.map((line) => JSON.parse(line) as Event),
    append: async (events) => {
      checkOrder(events, lines.length);
      lines.push(...events.map(encodeEvent));
    },
    hold: (commit) => {
      held.push(commit);
    },
    settle: async (commit) => {
      settled.push(commit);
    },
    keep: async (name, kept) => {
      artifacts.set(checkArtifactName(name), kept);
    },
  };
}
