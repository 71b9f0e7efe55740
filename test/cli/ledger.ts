/** Reading a run's ledger from outside, while it grows and behind its end. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event, EventOf, EventType } from '../../src/events/event.ts';

/** The ids of a repository's runs, oldest first. */
export function runsIn(dir: string): string[] {
  const runs = join(dir, '.gump', 'runs');
  if (!existsSync(runs)) return [];
  return readdirSync(runs)
    .filter((name) => name !== 'index.ndjson')
    .sort();
}

/** Whole lines only: the last one may be in the middle of being written. */
export function eventsOf(dir: string, run = runsIn(dir).at(-1) ?? ''): Event[] {
  const path = join(dir, '.gump', 'runs', run, 'manifest.ndjson');
  if (run === '' || !existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Event);
}

export function ofType<T extends EventType>(events: readonly Event[], type: T): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

/** Waits until a ledger holds what is looked for. @throws when it does not come. */
export async function awaitEvents(dir: string, isThere: (events: Event[]) => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!isThere(eventsOf(dir))) {
    if (Date.now() > end) throw new Error('the ledger never held it');
    await sleep(2);
  }
}

/** The tree of a commit or branch. */
export function treeOf(dir: string, name: string): string {
  return execFileSync('git', ['rev-parse', `${name}^{tree}`], {
    cwd: dir,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

/** Command lines of the living processes whose home is the desk's, or (in a sandbox) a run's of a repository on it. */
export function livingWith({ home, dir }: { readonly home: string; readonly dir: string }): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
        if (![`HOME=${home}\0`, `HOME=${dir}/`].some((variable) => environment.includes(variable))) return [];
        if (/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return [];
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    });
}

/**
 * What every ledger must satisfy, however often its engine was killed: whole numbering, no attempt launched again whose
 * end is there, at most one more launch a loss for each that may be in flight, and money that adds up.
 */
export function blemishes(events: readonly Event[], inFlight = 1): string[] {
  const found: string[] = [];
  if (events.some(({ seq }, index) => seq !== index + 1)) found.push('seq has a hole');
  const ended = new Set<string>();
  const open = new Map<string, number>();
  let cost = 0;
  let repeats = 0;
  for (const event of events) {
    if (!('attempt' in event)) continue;
    const id = `${event.step}#${event.attempt}`;
    if (event.type === 'agent_launched') {
      if (ended.has(id)) found.push(`${id} was launched again after its end`);
      if (open.has(id)) repeats++;
      open.set(id, 0);
    }
    const spent = 'cost' in event && typeof event.cost === 'number' ? event.cost : null;
    if (spent !== null && open.has(id)) {
      cost += spent - (open.get(id) ?? 0);
      open.set(id, spent);
    }
    if (event.type === 'agent_completed') ended.add(id);
  }
  const resumes = ofType(events, 'run_resumed').length;
  if (repeats > resumes * inFlight) found.push(`${repeats} attempts were repeated in ${resumes} resumes`);
  const booked = ofType(events, 'run_completed').at(-1)?.cost ?? 0;
  if (Math.abs(booked - cost) > 1e-9) found.push(`$${booked} is booked, $${cost} was spent`);
  return found;
}
