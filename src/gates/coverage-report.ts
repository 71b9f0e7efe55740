/** Reading coverage out of the reports that tools write: how much of what could be covered is. Pure. */
import { counted, type Reading } from './coverage-value.ts';
import { coverageOfXml } from './coverage-xml.ts';

/** Reads a report by what it holds; its name says only what to expect. */
export function readCoverage(text: string): Reading {
  const start = text.slice(0, 1_000).trimStart();
  if (start.startsWith('<')) return coverageOfXml(text);
  if (start.startsWith('{')) return coverageOfJson(text);
  if (/^mode: (set|count|atomic)\s/.test(start)) return coverageOfProfile(text);
  return coverageOfTracefile(text);
}

/**
 * JSON of istanbul (`coverage-summary.json`), coverage.py, llvm-cov and tarpaulin.
 * @source istanbul-reports 3.2, coverage.py 6.5, llvm-cov export 14, cargo-tarpaulin 0.31 (2026-11)
 */
function coverageOfJson(text: string): Reading {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch (error) {
    return {
      problem: `it is no JSON (${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'})`,
    };
  }
  const istanbul = at(report, 'total', 'lines');
  if (istanbul !== undefined) return counted(at(istanbul, 'covered'), at(istanbul, 'total'), 'lines');
  const python = at(report, 'totals');
  if (python !== undefined)
    return counted(at(python, 'covered_lines'), at(python, 'num_statements'), 'lines');
  if (String(at(report, 'type')).startsWith('llvm.coverage')) return coverageOfLlvm(at(report, 'data'));
  if (at(report, 'coverable') !== undefined)
    return counted(at(report, 'covered'), at(report, 'coverable'), 'lines');
  return null;
}

function coverageOfLlvm(data: unknown): Reading {
  const totals = (Array.isArray(data) ? data : []).map((part) => at(part, 'totals', 'lines'));
  const sum = (key: string) => totals.reduce<number>((all, lines) => all + Number(at(lines, key)), 0);
  return counted(sum('covered'), sum('count'), 'lines');
}

/** A value by its keys, own ones only; undefined where one is not there. */
function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, key)
        ? (found as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

/** lcov: the records of a file that stands in it several times are one. @source geninfo(1), lcov 1.16 */
function coverageOfTracefile(text: string): Reading {
  const files = new Map<string, Map<string, boolean>>();
  /** Of files whose writer gives sums only. */
  const sums = { covered: 0, total: 0 };
  let record = { lines: new Map<string, boolean>(), found: 0, hit: 0 };
  const endRecord = () => {
    if (record.lines.size === 0) {
      sums.covered += record.hit;
      sums.total += record.found;
    }
    record = { lines: new Map(), found: 0, hit: 0 };
  };
  for (const line of linesOf(text)) {
    const value = line.slice(line.indexOf(':') + 1);
    if (line.startsWith('SF:')) {
      endRecord();
      record.lines = files.get(value) ?? new Map();
      files.set(value, record.lines);
    } else if (line.startsWith('DA:')) {
      const [number = '', hits = ''] = value.split(',', 2);
      record.lines.set(number, record.lines.get(number) === true || Number(hits) > 0);
    } else if (line.startsWith('LF:')) record.found = Number(value);
    else if (line.startsWith('LH:')) record.hit = Number(value);
  }
  endRecord();
  if (files.size === 0) return null;
  let [covered, total] = [sums.covered, sums.total];
  for (const lines of files.values()) {
    total += lines.size;
    for (const isCovered of lines.values()) if (isCovered) covered++;
  }
  return counted(covered, total, 'lines');
}

/** A profile of go: a block that several test binaries ran stands in it several times. @source golang.org/x/tools/cover, go 1.19 */
function coverageOfProfile(text: string): Reading {
  const blocks = new Map<string, { readonly statements: number; readonly isCovered: boolean }>();
  for (const line of linesOf(text)) {
    const [, block, statements, count] = /^(.+:\d+\.\d+,\d+\.\d+) (\d+) (\d+)$/.exec(line) ?? [];
    if (block === undefined) continue;
    const isCovered = Number(count) > 0 || blocks.get(block)?.isCovered === true;
    blocks.set(block, { statements: Number(statements), isCovered });
  }
  let [covered, total] = [0, 0];
  for (const { statements, isCovered } of blocks.values()) {
    total += statements;
    if (isCovered) covered += statements;
  }
  return counted(covered, total, 'statements');
}

/** Line by line, without a list of all of them: a report may have millions. */
function* linesOf(text: string): Generator<string> {
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    yield text.slice(start, end).trimEnd();
    start = end + 1;
  }
  yield text.slice(start).trimEnd();
}
