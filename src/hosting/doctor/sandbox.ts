/** Whether agents and gates would be isolated here: tried, as every run tries it. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isolate } from '../../process/isolation.ts';
import type { Finding } from './finding.ts';

export async function examineSandbox(): Promise<Finding> {
  const nothing = join(tmpdir(), 'gump-nothing');
  const { name, why } = await isolate({
    ...{ mode: 'auto' as const, home: nothing, objects: nothing },
    ...{ read: [], write: [], self: [], hidden: [] },
  });
  if (why === null) return { check: 'sandbox', status: 'ok', message: name ?? '', hint: null };
  const message = `agents and gates would not be isolated: ${why.reason}`;
  return { check: 'sandbox', status: 'warning', message, hint: why.hint };
}
