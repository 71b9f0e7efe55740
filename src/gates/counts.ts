/** What a test runner's output says about how many tests it found. Pure. */
import { limits } from '../limits.ts';

/** The number of tests that were found; null where the output is of no runner that is known here. */
export function countTests(output: string): number | null {
  let best: number | null = null;
  for (const line of output.split('\n')) {
    // Sums stand in short lines; patterns are tried on no others.
    if (line.length > limits.totalsLineCharactersMax || !mayCount.test(line)) continue;
    for (const [pattern, counts] of runners) {
      const match = pattern.exec(line);
      if (match) best = Math.max(best ?? 0, counts ?? Number(match[1]));
    }
  }
  return best;
}
const mayCount = /\d|no test|^ok\s|^--- /i;

/** Each with the number in its first group, or with the number that its presence means. */
const runners: readonly (readonly [RegExp, number?])[] = [
  // node:test (spec and TAP reporters)
  [/^(?:ℹ|#) tests (\d+)\s*$/],
  // vitest, jest
  [/^\s*Tests:?\s.*?(\d+) total\s*$/],
  [/^\s*Tests\s+.*\((\d+)\)\s*$/],
  [/^No test files found/, 0],
  [/^No tests found/i, 0],
  // mocha
  [/^\s*(\d+) (?:passing|failing)\b/],
  // pytest, unittest, bun
  [/^collected (\d+) items?/],
  [/^=*\s*(?:\d+ failed, )?(\d+) passed\b.*in [\d.]+s/],
  [/^=*\s*(\d+) failed\b.*in [\d.]+s/],
  [/^=*\s*no tests ran\b/, 0],
  [/^Ran (\d+) tests? (?:in|across)/],
  // go
  [/^ok\s+\S+\s+(?:[\d.]+s|\(cached\))(?!.*\[no tests to run\])/, 1],
  [/^--- (?:FAIL|PASS): /, 1],
  [/^\?\s+\S+\s+\[no test files\]/, 0],
  [/^ok\s.*\[no tests to run\]/, 0],
  // cargo
  [/^running (\d+) tests?$/],
  // maven, gradle
  [/^(?:\[\w+\] )?Tests run: (\d+),/],
  [/^(\d+) tests completed/],
  [/^\[\w+\] No tests to run\./, 0],
  // mix
  [/^(?:\d+ doctests?, )?(\d+) tests?, \d+ failures?/],
  [/^There are no tests to run/, 0],
  // dotnet
  [/^No test is available in /, 0],
  [/^(?:Passed|Failed)!.*Total:\s*(\d+)/],
  // rspec, phpunit, ctest
  [/^(\d+) examples?, \d+ failures?/],
  [/^(?:OK \(|Tests: )(\d+)(?: tests?)?, /],
  [/^No tests (?:executed|were found)!/, 0],
  [/ tests failed out of (\d+)$/],
  // TAP plan
  [/^1\.\.(\d+)\s*$/],
];

/** True where the output says in words that there is no test; a test file that cannot be loaded counts as none, but is one. */
export function saysNoTests(output: string): boolean {
  return noTests.test(output);
}

/** vitest and mocha, jest, pytest and unittest, dotnet, mix and maven. */
const noTests =
  /^(?:Error: )?No test files found|^No tests found|\bno tests ran\b|^No test is available|^There are no tests to run|^\[\w+\] No tests to run/im;
