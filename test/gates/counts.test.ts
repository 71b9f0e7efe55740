import { describe, expect, it } from 'vitest';
import {
  countTests,
  coverageInOutput,
  coverageOfLcov,
  coverageOfSummary,
  saysNoTests,
} from '../../src/gates/counts.ts';
import { judge, manifest } from './project.ts';

describe('the number of tests in an output', () => {
  it.each([
    ['node --test, spec', 'ℹ tests 12\nℹ suites 0\n', 12],
    ['node --test, TAP', '1..3\n# tests 3\n# pass 3\n', 3],
    ['node --test, none', 'ℹ tests 0\nℹ suites 0\n', 0],
    ['vitest', ' Test Files  1 passed (1)\n      Tests  1 failed | 25 passed (26)\n', 26],
    ['vitest, none', 'No test files found, exiting with code 1\n', 0],
    ['jest', 'Tests:       1 failed, 2 passed, 3 total\n', 3],
    ['jest, none', 'No tests found, exiting with code 1\n', 0],
    ['mocha', '  0 passing (1ms)\n  2 failing\n', 2],
    ['pytest', 'collected 4 items\n\n4 passed in 0.01s\n', 4],
    ['pytest -q', '1 failed, 3 passed in 0.02s\n', 3],
    ['pytest, none', 'collected 0 items\n\n===== no tests ran in 0.00s =====\n', 0],
    ['unittest', 'Ran 2 tests in 0.000s\n', 2],
    ['go', 'ok  \texample.com/a\t0.002s\n?   \texample.com/b\t[no test files]\n', 1],
    ['go, failing', '--- FAIL: TestA (0.00s)\nFAIL\nFAIL\texample.com/a\t0.001s\n', 1],
    ['go, none', '?   \texample.com/b\t[no test files]\nok  \texample.com/c\t0.002s [no tests to run]\n', 0],
    ['cargo', 'running 0 tests\n\nrunning 5 tests\n', 5],
    ['maven', '[INFO] Tests run: 7, Failures: 0, Errors: 0, Skipped: 0\n', 7],
    ['mix', '2 doctests, 3 tests, 0 failures\n', 3],
    ['dotnet', 'Passed!  - Failed:     0, Passed:     5, Skipped:     0, Total:     5, Duration: 9 ms\n', 5],
    ['something else', 'all is well\n', null],
  ])('of %s', (_what, output, expected) => {
    expect(countTests(output)).toBe(expected);
  });
});

describe('coverage', () => {
  it.each([
    ['go tool cover', 'a.go:3:\tAdd\t100.0%\ntotal:\t\t(statements)\t85.7%\n', 85.7],
    [
      'go test -cover, several packages',
      'ok  \ta\t0.1s\tcoverage: 90.0% of statements\nok  \tb\t0.1s\tcoverage: 40.0% of statements\n',
      40,
    ],
    ['istanbul', 'All files |   91.66 |    83.33 |     100 |   88.5 |\n', 88.5],
    ['node --test', 'ℹ all files | 77.78 | 100.00 | 50.00 | \n', 77.78],
    ['pytest-cov', 'TOTAL      20      3    85%\n', 85],
    ['something else', 'done 100%\n', null],
  ])('in the output of %s', (_what, output, expected) => {
    expect(coverageInOutput(output)).toBe(expected);
  });

  it('in the reports', () => {
    expect(coverageOfLcov('SF:a\nLF:8\nLH:6\nend_of_record\nSF:b\nLF:2\nLH:2\nend_of_record\n')).toBe(80);
    expect(coverageOfLcov('')).toBeNull();
    expect(coverageOfSummary('{"total":{"lines":{"total":4,"covered":3,"pct":75}}}')).toBe(75);
    expect(coverageOfSummary('{"total":{"lines":{"pct":"Unknown"}}}')).toBeNull();
    expect(coverageOfSummary('no json')).toBeNull();
  });
});

describe('the gate `tests_found`', () => {
  const base = { 'package.json': manifest({ test: 'node --test' }) };
  const failing = "import test from 'node:test';\ntest('fails', () => { throw new Error('x'); });\n";

  it('passes with a test that fails', async () => {
    const result = await judge({ kind: 'tests_found', base, attempt: { 'a.test.js': failing } });
    expect(result).toMatchObject({ status: 'pass', reason: '' });
  });

  it('fails without a test', async () => {
    const result = await judge({ kind: 'tests_found', base });
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringContaining('found no test') });
  });

  it('does not guess at a runner that it does not know', async () => {
    const result = await judge({
      kind: 'tests_found',
      base: { 'package.json': manifest({ test: 'echo fine' }) },
    });
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringContaining('could not be told') });
  });

  it('does not believe one that was there before in a package of its own either', async () => {
    const base = { 'packages/a/package.json': manifest({ coverage: 'true' }) };
    const attempt = { 'packages/a/coverage/lcov.info': 'SF:a\nLF:1\nLH:1\n', 'packages/a/a.js': '' };
    const result = await judge({ kind: 'coverage', argument: '50', base, attempt });
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringContaining('could not be told') });
  });
});

describe('whether an output says that there is no test', () => {
  it.each([
    ['vitest', 'No test files found, exiting with code 1\n'],
    ['jest', 'No tests found, exiting with code 1\n'],
    ['mocha', 'Error: No test files found: "test"\n'],
    ['pytest', 'collected 0 items\n\n===== no tests ran in 0.00s =====\n'],
    ['unittest', 'Ran 0 tests in 0.000s\n\nNO TESTS RAN\n'],
    ['maven', '[INFO] No tests to run.\n'],
  ])('%s does', (_what, output) => {
    expect(saysNoTests(output)).toBe(true);
  });

  it.each([
    ['pytest', 'collected 0 items / 1 error\nE   ModuleNotFoundError: No module\n=== 1 error in 1.96s ===\n'],
    ['jest', 'Test suite failed to run\n\nTest Suites: 1 failed, 1 total\nTests:       0 total\n'],
    ['vitest', ' Test Files  1 failed (1)\n      Tests  no tests\n'],
    ['go, beside a package without tests', 'ok  \ta\t0.1s [no tests to run]\nFAIL\tb [build failed]\n'],
    ['go', './a_test.go:3: undefined: Add\nFAIL\texample.com/a [build failed]\n'],
    ['cargo', 'error[E0425]: cannot find function `add`\nerror: could not compile `a` (test "it")\n'],
  ])('%s does not where a test file cannot be loaded', (_what, output) => {
    expect(saysNoTests(output)).toBe(false);
  });
});

describe('the gate `tests_fail`', () => {
  const base = { 'package.json': manifest({ test: 'node --test' }) };
  const failing = "import test from 'node:test';\ntest('fails', () => { throw new Error('x'); });\n";
  const passing = "import test from 'node:test';\ntest('passes', () => {});\n";

  it.each([
    ['a test that fails', failing, 'pass', /^$/],
    ['a test of what is not there yet', "import './nothing.js';\n", 'pass', /^$/],
    ['a test that passes', passing, 'fail', /^every test passes, but one must fail here\n.*pass 1/s],
    ['no test at all', null, 'fail', /^every test passes/],
  ])('judges %s', async (_what, text, status, reason) => {
    const result = await judge({ kind: 'tests_fail', base, attempt: { 'a.test.js': text } });
    expect(result).toMatchObject({ status, reason: expect.stringMatching(reason) });
  });

  it.each([
    ['a runner that finds no test', 'echo No tests found; exit 1', 'the test command found no test'],
    ['a runner that is not installed', 'no-such-runner', 'the tests did not run: '],
    ['a runner that dies', 'kill -9 $$', 'the tests did not run: '],
  ])('takes %s for no failing test', async (_what, script, reason) => {
    const result = await judge({ kind: 'tests_fail', base: { 'gump.toml': validation(script) } });
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringContaining(reason) });
  });

  it('says where the failure is of no test that can be counted, as when a build breaks', async () => {
    const result = await judge({ kind: 'tests_fail', base: { 'gump.toml': validation('exit 2') } });
    expect(result).toMatchObject({
      status: 'pass',
      reason: expect.stringContaining('does not say how many'),
    });
  });

  it('fails where no test command is known', async () => {
    const result = await judge({ kind: 'tests_fail', base: {} });
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringContaining('no test command') });
  });
});

const validation = (test: string) => `[validation]\ntest = '${test}'\n`;

describe('the gate `coverage`', () => {
  const half = 'mkdir -p coverage && printf "SF:a\\nLF:4\\nLH:2\\n" > coverage/lcov.info';
  const lines = (script: string) => ({ 'package.json': manifest({ coverage: script }) });

  it.each([
    ['50', 'pass', ''],
    ['50.5', 'fail', 'coverage is 50 %, below 50.5 %'],
    ['101', 'fail', 'coverage must be a percentage from 0 to 100, not 101'],
  ])('of %s on half-covered lines: %s', async (argument, status, reason) => {
    expect(await judge({ kind: 'coverage', argument, base: lines(half) })).toMatchObject({ status, reason });
  });

  it('measures a real run of node --test', async () => {
    const base = {
      ...lines('node --test --experimental-test-coverage'),
      'a.js': 'export function a(x) {\n  if (x) {\n    return 1;\n  }\n  return 2;\n}\n',
      'a.test.js': "import test from 'node:test';\nimport { a } from './a.js';\ntest('a', () => a(true));\n",
    };
    expect(await judge({ kind: 'coverage', argument: '50', base })).toMatchObject({ status: 'pass' });
    expect(await judge({ kind: 'coverage', argument: '99', base })).toMatchObject({
      status: 'fail',
      reason: expect.stringMatching(/^coverage is \d/),
    });
  });

  it('does not believe a report that was there before', async () => {
    const attempt = { 'coverage/lcov.info': 'SF:a\nLF:1\nLH:1\n' };
    const result = await judge({ kind: 'coverage', argument: '50', base: lines('true'), attempt });
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringContaining('could not be told') });
  });

  it('is skipped without a command or a tool, and says so', async () => {
    const none = await judge({ kind: 'coverage', argument: '50', base: { 'a.txt': '' } });
    expect(none).toMatchObject({ status: 'skip', reason: expect.stringContaining('no coverage command') });
    const missing = await judge({ kind: 'coverage', argument: '50', base: lines('no-such-coverage-tool') });
    expect(missing).toMatchObject({ status: 'skip', reason: expect.stringContaining('not installed') });
  });

  it('fails when its command fails', async () => {
    const result = await judge({ kind: 'coverage', argument: '50', base: lines('echo broken; exit 1') });
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringContaining('broken') });
  });
});
