import type { Json } from './expression.ts';

type Combination = Readonly<Record<string, Json>>;

/** One entry per job of a matrix; without a matrix a single empty one. `include` and `exclude` as on GitHub. */
export function expandMatrix(strategy: Json): readonly Combination[] {
  const matrix = isRecord(strategy) ? strategy.matrix : undefined;
  if (!isRecord(matrix)) return [{}];
  const axes = Object.entries(matrix).filter(([name]) => name !== 'include' && name !== 'exclude');
  const product = axes.reduce<readonly Combination[]>(
    (made, [name, values]) =>
      made.flatMap((one) => listOf(values).map((value) => ({ ...one, [name]: value }))),
    axes.length === 0 ? [] : [{}],
  );
  const excluded = listOf(matrix.exclude).filter(isRecord);
  const kept = product.filter((one) => !excluded.some((rule) => matches(one, rule)));
  return include(kept, listOf(matrix.include).filter(isRecord), new Set(axes.map(([name]) => name)));
}

function include(
  base: readonly Combination[],
  additions: readonly Combination[],
  axisNames: ReadonlySet<string>,
): readonly Combination[] {
  const extended: Combination[] = base.map((one) => ({ ...one }));
  const own: Combination[] = [];
  for (const addition of additions) {
    const axisPart = Object.fromEntries(Object.entries(addition).filter(([name]) => axisNames.has(name)));
    const hits = base
      .map((one, index) => (matches(one, axisPart) ? index : -1))
      .filter((index) => index >= 0);
    if (hits.length === 0) own.push(addition);
    for (const index of hits) extended[index] = { ...extended[index], ...addition };
  }
  return [...extended, ...own];
}

function matches(one: Combination, rule: Combination): boolean {
  return Object.entries(rule).every(([name, value]) => JSON.stringify(one[name]) === JSON.stringify(value));
}

function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
