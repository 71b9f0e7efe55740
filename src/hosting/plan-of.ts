/** The plan of a run whose record was read from GitHub. */
import { formatDiagnostic } from '../diagnostic.ts';
import { fence } from '../github/defuse.ts';
import type { RunRecord } from '../github/runs/ledger.ts';
import type { Plan } from '../plan/plan.ts';
import { planRecorded } from './recorded.ts';
import { findPoint, otherVersion } from './replay-point.ts';

/** Null where this version cannot read the workflow that the run has kept. */
export function planOfRecord(record: RunRecord): Plan | null {
  const { spec_hash: hash, spec_origin: origin } = record.started;
  const spec = { text: record.spec, hash, origin, removed: [] };
  try {
    const planned = planRecorded({ ...record, folder: '', spec });
    return 'value' in planned ? planned.value : null;
  } catch {
    // The snapshot is none: a run of another version.
    return null;
  }
}

/** Why a run cannot be replayed from a step, as it was typed; null where it can. */
export function replayProblem(record: RunRecord, step: string): string | null {
  const other = otherVersion(record.run, record.started.gump);
  const plan = planOfRecord(record);
  const found = plan && !other ? findPoint(record, plan, step) : null;
  const problem = other ?? (found && 'problem' in found ? found.problem : null);
  if (problem) return fence(formatDiagnostic(problem), 8_000);
  return plan ? null : 'This version cannot read the workflow that the run has kept; start a new run.';
}
