/** Runs made by hand, in states that are hard to come by. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeEvent } from '../../src/events/codec.ts';
import type { Event, Fact } from '../../src/events/event.ts';
import { gumpVersion } from '../../src/hosting/version.ts';
import { createRunFolder } from '../../src/ledger/run-folder.ts';

export interface MadeRun {
  readonly run: string;
  readonly facts: readonly Fact[];
  /** ISO 8601. */
  readonly ts?: string;
  readonly base?: string;
}

const settings = { default_agent: null, agent: null, max_budget: null, max_parallel: 4, pause_after: null };

export function begun(run: string, base = 'b0'): Fact {
  const spec = { spec_hash: 'a'.repeat(64), spec_origin: 'spec.md' };
  return { type: 'run_started', run, workflow: 'made', ...spec, base, settings, gump: gumpVersion };
}

export function completed(run: string, status: 'pass' | 'fail', cost = 1): Fact {
  const spent = { duration_ms: 5_000, cost, tokens_in: 10, tokens_out: 1 };
  const reason = status === 'pass' ? null : 'it did not work';
  return { type: 'run_completed', run, status, ...spent, commit: null, reason };
}

/** The run's folder, with these facts a second apart in its ledger. */
export async function makeRun(
  root: string,
  { run, facts, ts = '2026-11-01T00:00:00.000Z' }: MadeRun,
): Promise<string> {
  const folder = await createRunFolder({ root, run, workflow: 'made', ts, spec: 'build\n', snapshot: '' });
  await mkdir(join(folder, 'artifacts'));
  const events = facts.map((fact, index): Event => {
    return { v: 1, seq: index + 1, ts: new Date(Date.parse(ts) + index * 1000).toISOString(), ...fact };
  });
  await writeFile(join(folder, 'manifest.ndjson'), events.map((event) => `${encodeEvent(event)}\n`).join(''));
  return folder;
}
