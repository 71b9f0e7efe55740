/** Folding a long ledger, and how fast a ledger takes events. */
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fold } from '../../src/engine/evolve.ts';
import { encodeEvent } from '../../src/events/codec.ts';
import type { Event } from '../../src/events/event.ts';
import { openFileLedger } from '../../src/ledger/file.ts';
import { type Figure, median } from './figure.ts';
import { runSplit } from './split-run.ts';

const eventsWanted = 100_000;
const appends = 100;
const rounds = 9;

export async function eventFigures(): Promise<readonly Figure[]> {
  const { events } = await runSplit({ tasks: 100 });
  return [foldFigure(stretched(events, eventsWanted)), await appendFigure(events.slice(0, appends))];
}

/** A run as it was, with as many more reports of progress as make up the number. */
function stretched(events: readonly Event[], wanted: number): readonly Event[] {
  const launches = events.filter((event) => event.type === 'agent_launched').length;
  const copies = Math.ceil((wanted - events.length) / launches);
  const all = events.flatMap((event): Event[] => {
    if (event.type !== 'agent_launched') return [event];
    const { v, seq, ts, step, attempt } = event;
    const progress = Array.from({ length: copies }, (_, turns): Event => {
      return {
        v,
        seq,
        ts,
        type: 'agent_progress',
        step,
        attempt,
        turns,
        tokens_in: turns,
        tokens_out: turns,
        cost: 0,
      };
    });
    return [event, ...progress];
  });
  return all.slice(0, wanted).map((event, index) => ({ ...event, seq: index + 1 }));
}

function foldFigure(events: readonly Event[]): Figure {
  const lines = events.map(encodeEvent);
  const parse = timed(() => lines.map((line) => JSON.parse(line)));
  const folded = timed(() => fold(events));
  return {
    name: `fold of ${events.length.toLocaleString('en')} events`,
    value: folded,
    unit: 'ms',
    baseline: { name: 'JSON.parse of their lines', value: parse },
  };
}

function timed(work: () => unknown): number {
  work();
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

/** One event an append, each on the disk before the next, as in a run; in turns, for the disk has its moods. */
async function appendFigure(events: readonly Event[]): Promise<Figure> {
  const dir = mkdtempSync(join(tmpdir(), 'gump-bench-'));
  const ours: number[] = [];
  const bare: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      ours.push(await appendToLedger(events, join(dir, `run-${round}`)));
      bare.push(await appendToFile(events, join(dir, `bare-${round}`)));
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return {
    name: 'append of one event to the ledger',
    value: median(ours),
    unit: 'µs',
    baseline: { name: 'write + fdatasync', value: median(bare) },
    note: `${Math.round(1_000_000 / median(ours))} a second`,
  };
}

async function appendToLedger(events: readonly Event[], folder: string): Promise<number> {
  const ledger = await openFileLedger(folder);
  const startMs = performance.now();
  for (const event of events) await ledger.append([event]);
  const spentMs = performance.now() - startMs;
  await ledger.close();
  return (spentMs / events.length) * 1_000;
}

async function appendToFile(events: readonly Event[], path: string): Promise<number> {
  const file = await open(path, 'a');
  const startMs = performance.now();
  for (const event of events) {
    await file.write(`${encodeEvent(event)}\n`);
    await file.datasync();
  }
  const spentMs = performance.now() - startMs;
  await file.close();
  return (spentMs / events.length) * 1_000;
}
