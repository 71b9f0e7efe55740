import { describe, expect, it } from 'vitest';
import { countTests, saysNoTests } from '../../src/gates/counts.ts';
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
    ['go, from its cache', 'ok  \texample.com/a\t(cached)\n', 1],
    ['bun', ' 3 pass\n 0 fail\nRan 3 tests across 1 files.\n', 3],
    ['rspec', '3 examples, 0 failures\n', 3],
    ['phpunit', 'OK (3 tests, 4 assertions)\n', 3],
    ['phpunit, failing', 'Tests: 3, Assertions: 4, Failures: 1.\n', 3],
    ['ctest', '50% tests passed, 1 tests failed out of 2\n', 2],
    ['ctest, none', 'No tests were found!!!\n', 0],
    ['mix, none', 'There are no tests to run\n', 0],
    ['dotnet, none', 'No test is available in /project/bin/x.dll. Make sure …\n', 0],
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

it.each(['\n', ' ', '=', '1', 'Tests ', 'Tests: ', 'ok\t', '1 failed, '])(
  'an output of a megabyte of %j is counted soon',
  (part) => {
    const started = performance.now();
    expect([null, 0, 1]).toContain(countTests(part.repeat(1_000_000 / part.length)));
    saysNoTests(part.repeat(1_000_000 / part.length));
    expect(performance.now() - started).toBeLessThan(20_000);
  },
);

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
