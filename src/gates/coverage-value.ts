/** How much of what could be covered is, as a tool says it, and whether that can be. Pure. */

/** Counts where the report has them: a rounded percentage can pass a limit that it does not reach. */
export type Coverage =
  | { readonly covered: number; readonly total: number; readonly of: 'lines' | 'statements' }
  | { readonly percent: number };

/** Null: no report of a kind that is known here, or one without lines; `problem` says what is wrong with it. */
export type Reading = Coverage | { readonly problem: string } | null;

/** A coverage that can be: no negative counts, not more covered than there is. */
export function counted(covered: unknown, total: unknown, of: 'lines' | 'statements'): Reading {
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
  if (!isCount(covered) || !isCount(total))
    return { problem: `it says that ${shown(covered)} of ${shown(total)} ${of} are covered` };
  if (covered > total)
    return { problem: `it says that more ${of} are covered (${covered}) than there are (${total})` };
  return total === 0 ? null : { covered, total, of };
}

export function percentage(percent: number): Reading {
  return percent >= 0 && percent <= 100 ? { percent } : { problem: `it says that ${percent} % are covered` };
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing').slice(0, 40);
}

/** The lowest of several; null of none. */
export function least(found: readonly Coverage[]): Coverage | null {
  return found.reduce<Coverage | null>(
    (lowest, coverage) => (lowest && percentOf(lowest) <= percentOf(coverage) ? lowest : coverage),
    null,
  );
}

export function percentOf(coverage: Coverage): number {
  return 'percent' in coverage ? coverage.percent : (coverage.covered / coverage.total) * 100;
}
