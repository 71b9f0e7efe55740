/** The plan of a run whose record was read from GitHub. */
import type { RunRecord } from '../github/ledger.ts';
import type { Plan } from '../plan/plan.ts';
import { planRecorded } from './recorded.ts';

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
