/** What a check run is called: the path as the trace shows it, stable over attempts, at most 100 characters. */
import { createHash } from 'node:crypto';
import { limits } from '../../limits.ts';
import type { Plan } from '../../plan/plan.ts';
import { shownPath } from '../../report/shown.ts';

/** The check that branch protection should require. */
export const rollUpName = 'gump';

/** The n of each task's path: `decompose/greeting` → 1. */
export type TaskNumbers = ReadonlyMap<string, number>;

/** `gump / task-1 / converge / test`; a name that is too long loses its middle and gets a fingerprint. */
export function checkName(plan: Plan, tasks: TaskNumbers, gate: { step: string; gate: string }): string {
  const segments = [rollUpName, ...shownSegments(plan, tasks, gate.step), gate.gate];
  const name = segments.join(' / ');
  if (name.length <= limits.checkNameCharactersMax) return name;
  const print = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const half = Math.floor((limits.checkNameCharactersMax - print.length - 4) / 2);
  return `${name.slice(0, half)}… ${print} …${name.slice(-half)}`;
}

/** `gump / task-1 / converge`: all gates of a step under one name. */
export function stepCheckName(plan: Plan, tasks: TaskNumbers, step: string): string {
  const cut = step.lastIndexOf('/');
  return checkName(plan, tasks, { step: step.slice(0, Math.max(0, cut)), gate: step.slice(cut + 1) });
}

/** The id under which a gate's check is found again. */
export function externalId(run: string, gate: { step: string; attempt: number; gate: string }): string {
  return `${run}/${gate.step}#${gate.attempt}/${gate.gate}`;
}

/** Tasks by number, as the trace shows them; those of the only split without the `build` in front. */
function shownSegments({ build }: Plan, tasks: TaskNumbers, step: string): readonly string[] {
  const numbered = [...tasks].map(([path, index]) => ({ path, index }));
  const names = shownPath(build, numbered, step).split('/').filter(Boolean);
  return build !== null && step.startsWith(`${build}/`) ? names.slice(1) : names;
}
