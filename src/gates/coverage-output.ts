/** What the output of a coverage command says where no report was written. Pure. */
import { limits } from '../limits.ts';
import { type Coverage, counted, least, percentage, type Reading } from './coverage-value.ts';

/** The total of the first tool that is known here; of several totals (a monorepo) the least; null where there is none. */
export function coverageInOutput(output: string): Reading {
  const lines = output.split('\n').map((line) => line.slice(0, limits.totalsLineCharactersMax));
  for (const total of totals) {
    const found = lines.map(total).filter((reading) => reading !== null);
    const problem = found.find((reading) => 'problem' in reading);
    if (problem) return problem;
    if (found.length > 0) return least(found as readonly Coverage[]);
  }
  return null;
}

const totals: readonly ((line: string) => Reading)[] = [
  // go tool cover -func
  percentIn(/^total:\s+\(statements\)\s+([\d.]+)%/),
  // istanbul, c8, vitest: file | statements | branches | functions | lines
  percentIn(/^\s*All files\s*\|\s*[\d.]+\s*\|\s*[\d.]+\s*\|\s*[\d.]+\s*\|\s*([\d.]+)\s*\|/),
  // node --test --experimental-test-coverage: file | line | branch | functions
  percentIn(/^(?:ℹ|#) all files\s*\|\s*([\d.]+)\s*\|/),
  // coverage.py and llvm-cov
  totalRow,
  // tarpaulin
  countsIn(/^[\d.]+% coverage, (\d+)\/(\d+) lines covered/),
  // mix
  percentIn(/^\s*([\d.]+)%\s*\|\s*Total\s*$/),
  // coverlet: module | line | branch | method
  percentIn(/^\|\s*Total\s*\|\s*([\d.]+)%\s*\|/),
  // go test -cover, one line a package
  percentIn(/^(?:ok|\s).*\bcoverage: ([\d.]+)% of statements/),
];

function percentIn(pattern: RegExp) {
  return (line: string): Reading => {
    const found = pattern.exec(line)?.[1];
    return found === undefined ? null : percentage(Number(found));
  };
}

function countsIn(pattern: RegExp) {
  return (line: string): Reading => {
    const [, covered, total] = pattern.exec(line) ?? [];
    return covered === undefined ? null : counted(Number(covered), Number(total), 'lines');
  };
}

/**
 * `TOTAL 20 3 85%` (statements, missed) of coverage.py, whose percentage is rounded to a whole number; llvm-cov has
 * three such groups, of regions, functions and lines. @source coverage.py 6.5, llvm-cov 14 (2026-11)
 */
function totalRow(line: string): Reading {
  if (!/^TOTAL\s/.test(line)) return null;
  const fields = line.trim().split(/\s+/).slice(1);
  const ends = fields.flatMap((field, index) => (/^[\d.]+%$/.test(field) ? [index] : []));
  const isLlvm = ends.length >= 3;
  const [start, end] = isLlvm ? [(ends[1] ?? 0) + 1, ends[2]] : [0, ends[0]];
  if (end === undefined) return null;
  const [total, missed] = fields.slice(start, end).map(Number);
  if (total === undefined || missed === undefined) return percentage(Number.parseFloat(fields[end] ?? ''));
  return counted(total - missed, total, 'lines');
}
