import type { IsolationFact } from '../events/event.ts';
import { firstLine } from './line.ts';

/** `isolated by bubblewrap 0.8.0`, `not isolated: bubblewrap is not installed`. */
export function isolationWords({ sandbox, reason }: IsolationFact): string {
  if (sandbox !== null) return `isolated by ${sandbox}`;
  return `not isolated: ${firstLine(reason ?? 'nobody said why', 200)}`;
}
