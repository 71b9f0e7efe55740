/** What a test runner's output says about how many tests it found, and about coverage. Pure. */

/** The number of tests that were found; null where the output is of no runner that is known here. */
export function countTests(output: string): number | null {
  let best: number | null = null;
  for (const [pattern, counts] of runners) {
    for (const match of output.matchAll(pattern)) {
      const found = counts ?? Number(match[1]);
      best = Math.max(best ?? 0, found);
    }
  }
  return best;
}

/** Each with the number in its first group, or with the number that its presence means. */
const runners: readonly (readonly [RegExp, number?])[] = [
  // node:test (spec and TAP reporters)
  [/^(?:ℹ|#) tests (\d+)\s*$/gm],
  // vitest, jest
  [/^\s*Tests:?\s.*?(\d+) total\s*$/gm],
  [/^\s*Tests\s+.*\((\d+)\)\s*$/gm],
  [/^No test files found/gm, 0],
  [/^No tests found/gim, 0],
  // mocha
  [/^\s*(\d+) (?:passing|failing)\b/gm],
  // pytest, unittest
  [/^collected (\d+) items?/gm],
  [/^=*\s*(?:\d+ failed, )?(\d+) passed\b.*in [\d.]+s/gm],
  [/^=*\s*(\d+) failed\b.*in [\d.]+s/gm],
  [/^=*\s*no tests ran\b/gm, 0],
  [/^Ran (\d+) tests? in/gm],
  // go
  [/^ok\s+\S+\s+(?:[\d.]+s|\(cached\))(?!.*\[no tests to run\])/gm, 1],
  [/^--- (?:FAIL|PASS): /gm, 1],
  [/^\?\s+\S+\s+\[no test files\]/gm, 0],
  [/^ok\s.*\[no tests to run\]/gm, 0],
  // cargo
  [/^running (\d+) tests?$/gm],
  // maven, gradle
  [/^(?:\[\w+\] )?Tests run: (\d+),/gm],
  [/^(\d+) tests completed/gm],
  [/^\[\w+\] No tests to run\./gm, 0],
  // mix
  [/^(?:\d+ doctests?, )?(\d+) tests?, \d+ failures?/gm],
  // dotnet
  [/^(?:Passed|Failed)!.*Total:\s*(\d+)/gm],
  // TAP plan
  [/^1\.\.(\d+)\s*$/gm],
];

/** True where the output says in words that there is no test; a test file that cannot be loaded counts as none, but is one. */
export function saysNoTests(output: string): boolean {
  return noTests.test(output);
}

/** vitest and mocha, jest, pytest and unittest, dotnet, mix and maven. */
const noTests =
  /^(?:Error: )?No test files found|^No tests found|\bno tests ran\b|^No test is available|^There are no tests to run|^\[\w+\] No tests to run/im;

/** The covered part of the lines in percent as the output says it; null where it says none. */
export function coverageInOutput(output: string): number | null {
  for (const pattern of summaries) {
    const numbers = [...output.matchAll(pattern)].map((match) => Number(match[1]));
    // Several packages without a total: the least of them is what all of them reach.
    if (numbers.length > 0) return Math.min(...numbers);
  }
  return null;
}

const summaries: readonly RegExp[] = [
  // go tool cover -func
  /^total:\s+\(statements\)\s+([\d.]+)%/gm,
  // istanbul, c8, vitest: file | statements | branches | functions | lines
  /^\s*All files\s*\|\s*[\d.]+\s*\|\s*[\d.]+\s*\|\s*[\d.]+\s*\|\s*([\d.]+)\s*\|/gm,
  // node --test --experimental-test-coverage: file | line | branch | functions
  /^(?:ℹ|#) all files\s*\|\s*([\d.]+)\s*\|/gm,
  // pytest-cov, coverage.py
  /^TOTAL\s+.*?([\d.]+)%\s*$/gm,
  // mix
  /^\s*([\d.]+)%\s*\|\s*Total\s*$/gm,
  // go test -cover, one line a package
  /^(?:ok|\s).*\bcoverage: ([\d.]+)% of statements/gm,
];

/** Percent of covered lines in an lcov report; null where it has no lines. */
export function coverageOfLcov(text: string): number | null {
  const sum = (field: string) =>
    [...text.matchAll(new RegExp(`^${field}:(\\d+)`, 'gm'))].reduce(
      (total, match) => total + Number(match[1]),
      0,
    );
  const found = sum('LF');
  return found === 0 ? null : (sum('LH') / found) * 100;
}

/** Percent of covered lines in istanbul's `coverage-summary.json`; null where it is none. */
export function coverageOfSummary(text: string): number | null {
  try {
    const percent: unknown = JSON.parse(text)?.total?.lines?.pct;
    return typeof percent === 'number' ? percent : null;
  } catch {
    return null;
  }
}
