/** A run as its folder holds it: what was asked, and what happened. */
import type { Event, EventOf, RunSettings } from '../events/event.ts';
import { readRunFolder } from '../ledger/run-folder.ts';
import type { Plan } from '../plan/plan.ts';
import { decodeSnapshot } from '../playbook/snapshot.ts';
import type { Spec } from '../spec/spec.ts';
import { type Prepared, preparePlan } from './prepare.ts';

export interface Recorded {
  readonly run: string;
  readonly folder: string;
  readonly events: readonly Event[];
  readonly started: EventOf<'run_started'>;
  readonly spec: Spec;
  /** Text of `workflow-snapshot.yaml`. */
  readonly snapshot: string;
}

/** Null where the run was lost before it had begun. @throws GumpError `ledger` where there is no such run, or its ledger is damaged. */
export async function readRecorded(root: string, run: string): Promise<Recorded | null> {
  const { folder, events, spec, snapshot } = await readRunFolder(root, run);
  const started = events.find((event) => event.type === 'run_started');
  if (!started || spec === null || snapshot === null) return null;
  const { spec_hash: hash, spec_origin: origin } = started;
  return { run, folder, events, started, spec: { text: spec, hash, origin, removed: [] }, snapshot };
}

/** The plan of a recorded run, or of another run of the same workflow and spec on the same commit. @throws GumpError `ledger` where the snapshot is none */
export function planRecorded(
  { run, started, spec, snapshot }: Recorded,
  other: { readonly run?: string; readonly settings?: RunSettings } = {},
): Prepared<Plan> {
  const { base, settings } = started;
  return preparePlan({ run, base, settings, ...other, files: decodeSnapshot(snapshot), spec });
}
