/** What there is of a run already: its ledger, on GitHub or on this machine, and the plan that it was started with. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Event } from '../events/event.ts';
import { openFileLedger } from '../ledger/file.ts';
import { restoreFromRef } from '../ledger/git-ref.ts';
import type { Plan } from '../plan/plan.ts';
import { decodeSnapshot } from '../playbook/snapshot.ts';
import type { Spec } from '../spec/spec.ts';
import { folderOf, ledgerRef, need, type Site, usageError } from './github-site.ts';
import { preparePlan } from './prepare.ts';

/** Another machine may have begun: its ledger is on GitHub. What this machine still has is newer or the same. */
export async function restoreLedger(site: Pick<Site, 'root' | 'runId' | 'publisher'>): Promise<void> {
  const folder = folderOf(site);
  if (existsSync(join(folder, 'manifest.ndjson'))) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, '..'), { recursive: true });
  await restoreFromRef({ publisher: site.publisher, ref: ledgerRef(site.runId), ledgerDir: folder });
}

export interface Past {
  readonly events: readonly Event[];
  readonly spec: string;
  readonly snapshot: string;
}

/** What this machine has of the run; null where it has nothing. */
export async function pastOf(site: Pick<Site, 'root' | 'runId'>): Promise<Past | null> {
  const folder = folderOf(site);
  if (!existsSync(folder)) return null;
  const ledger = await openFileLedger(folder);
  const events = await ledger.read();
  await ledger.close();
  if (events.length === 0) {
    await rm(folder, { recursive: true, force: true });
    return null;
  }
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { events, spec: read('spec.md'), snapshot: read('workflow-snapshot.yaml') };
}

/** The plan that a run was started with. @throws GumpError `usage` where its ledger does not tell it. */
export function planOfPast(runId: string, past: Past): Plan {
  const started = past.events.find((event) => event.type === 'run_started');
  if (!started) throw usageError(`the ledger of ${runId} has no beginning`, 'start a new run');
  const spec: Spec = { text: past.spec, hash: started.spec_hash, origin: started.spec_origin, removed: [] };
  const files = decodeSnapshot(past.snapshot);
  const planned = preparePlan({ run: runId, files, spec, base: started.base, settings: started.settings });
  return need(planned.diagnostics, 'value' in planned ? planned.value : null);
}
