/** A measured figure beside a baseline of the same run, and the table of them. */

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'µs' | 'MB/s' | 'count';
  readonly baseline: { readonly name: string; readonly value: number } | null;
  readonly note?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Lines of a markdown table, columns aligned. */
export function tableOf(figures: readonly Figure[]): readonly string[] {
  const head = ['figure', 'value', 'beside', 'its value', 'ratio', 'note'];
  const rows = figures.map(cellsOf);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)];
}

function cellsOf({ name, value, unit, baseline, note = '' }: Figure): readonly string[] {
  const shown = (amount: number) => `${rounded(amount)}${unit === 'count' ? '' : ` ${unit}`}`;
  if (!baseline) return [name, shown(value), '', '', '', note];
  const ratio = baseline.value === 0 ? '' : rounded(value / baseline.value);
  return [name, shown(value), baseline.name, shown(baseline.value), ratio, note];
}

function rounded(amount: number): string {
  return amount >= 100 ? amount.toFixed(0) : amount >= 10 ? amount.toFixed(1) : amount.toFixed(2);
}
