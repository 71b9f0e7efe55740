import { readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverageInOutput } from '../../src/gates/coverage-output.ts';
import { readCoverage } from '../../src/gates/coverage-report.ts';
import { limits } from '../../src/limits.ts';
import { type Files, judge, manifest } from './project.ts';
import { has, pythonPath } from './tools.ts';

const recorded = (name: string) =>
  readFileSync(path.join(import.meta.dirname, '../fixtures/reports', name), 'utf8');
const lines = (covered: number, total: number) => ({ covered, total, of: 'lines' });
const statements = (covered: number, total: number) => ({ covered, total, of: 'statements' });

describe('a report that a tool really wrote', () => {
  it.each([
    ['istanbul.info', lines(7, 10)],
    ['istanbul-summary.json', lines(7, 10)],
    ['istanbul-cobertura.xml', lines(7, 10)],
    ['istanbul-clover.xml', statements(3, 4)],
    ['coverage-py.json', lines(4, 6)],
    ['coverage-py.xml', lines(4, 6)],
    ['coverage-py.info', lines(4, 6)],
    ['jacoco.xml', lines(4, 7)],
    ['llvm.json', lines(8, 13)],
    ['llvm.info', lines(8, 13)],
    ['go.out', statements(2, 4)],
  ])('%s says how much is covered', (name, expected) => {
    expect(readCoverage(recorded(name))).toEqual(expected);
  });
});

describe('a report', () => {
  it.each([
    ['of tarpaulin', '{"files": [], "coverage": 66.6, "covered": 2, "coverable": 3}', lines(2, 3)],
    ['of lcov with sums only', 'SF:a\nLF:8\nLH:6\nend_of_record\nSF:b\nLF:2\nLH:2\n', lines(8, 10)],
    [
      'of lcov whose file stands twice',
      'SF:a\nDA:1,0\nDA:2,1\nend_of_record\nSF:a\nDA:1,3\nDA:3,0\n',
      lines(2, 3),
    ],
    ['of lcov with the line ends of Windows', 'TN:\r\nSF:a\r\nDA:1,1\r\nend_of_record\r\n', lines(1, 1)],
    [
      'of go whose block was run by two test binaries',
      'mode: atomic\na.go:1.1,2.2 3 0\na.go:1.1,2.2 3 7\n',
      statements(3, 3),
    ],
    ['of Cobertura with a rate only', '<coverage line-rate="0.5"/>', { percent: 50 }],
    [
      'of JaCoCo with groups',
      '<report><group><counter type="LINE" missed="9" covered="0"/></group><counter type="LINE" missed="1" covered="3"/></report>',
      lines(3, 4),
    ],
    ['behind a byte order mark', '\uFEFF<?xml version="1.0"?><coverage line-rate="1"/>', { percent: 100 }],
  ])('%s', (_what, text, expected) => {
    expect(readCoverage(text)).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['text', 'all is well'],
    ['another JSON', '{"total": 5}'],
    ['another XML', '<html><coverage line-rate="1"/></html>'],
    ['no lines', '{"total": {"lines": {"total": 0, "covered": 0, "pct": "Unknown"}}}'],
    ['an empty tracefile', 'TN:\n'],
    ['a profile without blocks', 'mode: set\n'],
    ['names like those of every object', '{"constructor": {"lines": 1}, "__proto__": {"totals": 1}}'],
  ])('that holds %s says nothing', (_what, text) => {
    expect(readCoverage(text)).toBeNull();
  });

  it.each([
    ['NaN', '<coverage line-rate="NaN"/>', 'NaN %'],
    ['a negative rate', '<coverage line-rate="-0.5"/>', '-50 %'],
    ['a rate above one', '<coverage line-rate="7"/>', '700 %'],
    ['an empty rate', '<coverage line-rate=""/>', 'NaN %'],
    ['negative counts', '<coverage lines-covered="-1" lines-valid="-1"/>', '-1 of -1 lines'],
    [
      'more than there is',
      '{"total": {"lines": {"total": 4, "covered": 5}}}',
      'more lines are covered (5) than there are (4)',
    ],
    ['text for a count', '{"totals": {"covered_lines": "9", "num_statements": 9}}', '"9" of 9 lines'],
    ['counts that are no number', 'SF:a\nLF:1e999\nLH:1\n', '1 of Infinity lines'],
    ['half a count', '{"covered": 0.5, "coverable": 1}', '0.5 of 1 lines'],
    ['broken JSON', '{"total": ', 'it is no JSON ('],
    ['broken XML', '<coverage line-rate="1', 'it is no XML ('],
    ['XML that is cut off', '<report><counter type="LINE" missed="1" covered="3"/>', 'it is no XML ('],
    ['an entity', '<!DOCTYPE c [<!ENTITY a "1">]><coverage line-rate="&a;"/>', 'it is no XML ('],
    ['endless nesting', '<report>'.repeat(100_000), 'nested deeper than 100 levels'],
  ])('with %s is told, and no coverage', (_what, text, problem) => {
    expect(readCoverage(text)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('with entities that explode is read in no time and little memory', () => {
    const bomb = Array.from(
      { length: 50 },
      (_, n) => `<!ENTITY e${n} "${`&e${n - 1};`.repeat(n && 10)}">`,
    ).join('');
    const text = `<!DOCTYPE report [${bomb}]><report><a>&e49;</a></report>`;
    expect(readCoverage(text)).toEqual({ problem: expect.stringContaining('it is no XML') });
  });

  it.each([
    '<',
    '<a ',
    '[',
    '{"a":',
    'SF:a\nDA:',
    'mode: set\n',
    '\n',
    ' ',
    'DA:1,1\n',
    '&',
    '<!--',
    '<![CDATA[',
  ])('of 300 kB of %j ends soon', (part) => {
    const started = performance.now();
    const text = part.repeat(300_000 / part.length);
    expect(() => readCoverage(text)).not.toThrow();
    expect(() => coverageInOutput(text)).not.toThrow();
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('never throws, and never says more than everything', () => {
    const word = fc.constantFrom(
      '<',
      '>',
      '/',
      'coverage',
      'report',
      ' line-rate="',
      '"',
      '1',
      '{',
      '}',
      ':',
      'total',
      'mode: set\n',
      'SF:',
      'DA:',
      ',',
      '\n',
      '&',
      ';',
    );
    return fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string())), (parts) => {
        const reading = readCoverage(parts.join(''));
        if (reading && 'percent' in reading) expect(reading.percent).toBeLessThanOrEqual(100);
        if (reading && 'total' in reading) expect(reading.covered).toBeLessThanOrEqual(reading.total);
      }),
    );
  });
});

describe('coverage in the output', () => {
  it.each([
    ['of go tool cover', 'a.go:3:\tAdd\t100.0%\ntotal:\t\t(statements)\t85.7%\n', { percent: 85.7 }],
    [
      'of go test -cover, the least of several packages',
      'ok  \ta\t0.1s\tcoverage: 90.0% of statements\nok  \tb\t0.1s\tcoverage: 40.0% of statements\n',
      { percent: 40 },
    ],
    [
      'of istanbul',
      'All files |   91.66 |    83.33 |     100 |   88.5 |                   \n',
      { percent: 88.5 },
    ],
    ['of node --test', 'ℹ all files | 77.78 | 100.00 | 50.00 | \n', { percent: 77.78 }],
    [
      'of coverage.py, by its counts and not its rounded percentage',
      'TOTAL      200      41    80%\n',
      lines(159, 200),
    ],
    ['of coverage.py with branches', 'TOTAL         6      2      2      1    62%\n', lines(4, 6)],
    ['of llvm-cov', recorded('llvm.txt'), lines(8, 13)],
    ['of tarpaulin', '66.67% coverage, 2/3 lines covered, +0.00% change in coverage\n', lines(2, 3)],
    ['of mix', '    85.7% | Total\n', { percent: 85.7 }],
    ['of coverlet', '| Total   | 80.5% | 75% | 100% |\n', { percent: 80.5 }],
    ['of something else', 'done 100%\nTOTAL of nothing\n', null],
    [
      'that cannot be',
      'ℹ all files | 101.00 | 100.00 | 50.00 | \n',
      { problem: 'it says that 101 % are covered' },
    ],
  ])('%s', (_what, output, expected) => {
    expect(coverageInOutput(output)).toEqual(expected);
  });
});

const scripted = (script: string): Files => ({ 'package.json': manifest({ coverage: script }) });
const tracefile = (covered: number, total: number) => `SF:a\\nLF:${total}\\nLH:${covered}\\n`;
const writes = (covered: number, total: number, file = 'lcov.info') =>
  `printf "${tracefile(covered, total)}" > ${file}`;

describe('the gate `coverage`', () => {
  it.each([
    ['80', 4, 5, 'pass', ''],
    ['80%', 4, 5, 'pass', ''],
    ['80', 15_999, 20_000, 'fail', 'coverage is 79.99 % (15999 of 20000 lines), says lcov.info: below 80 %'],
    ['79.995', 15_999, 20_000, 'pass', ''],
    ['0', 0, 5, 'pass', ''],
    [
      '100',
      999_999,
      1_000_000,
      'fail',
      'coverage is 99.99 % (999999 of 1000000 lines), says lcov.info: below 100 %',
    ],
    ['100', 5, 5, 'pass', ''],
    ['101', 5, 5, 'fail', 'coverage must be a percentage from 0 to 100, not 101'],
    ['eighty', 5, 5, 'fail', 'coverage must be a percentage from 0 to 100, not eighty'],
    ['', 5, 5, 'fail', 'coverage must be a percentage from 0 to 100, not '],
    ['80abc', 5, 5, 'fail', 'coverage must be a percentage from 0 to 100, not 80abc'],
  ])('of %s with %s of %s covered: %s', async (argument, covered, total, status, reason) => {
    const result = await judge({ kind: 'coverage', argument, base: scripted(writes(covered, total)) });
    expect(result).toMatchObject({ status, reason });
  });

  it('says in its log what was reached and where it stands, also of a pass', async () => {
    const result = await judge({ kind: 'coverage', argument: '50', base: scripted(writes(3, 4)) });
    expect(result.log).toContain('coverage is 75 % (3 of 4 lines), says lcov.info\n');
  });

  it('takes the least of several reports, and of several packages each', async () => {
    const both = `${writes(9, 10)} && mkdir coverage && ${writes(6, 10, 'coverage/lcov.info')}`;
    const result = await judge({ kind: 'coverage', argument: '70', base: scripted(both) });
    expect(result.reason).toBe('coverage is 60 % (6 of 10 lines), says coverage/lcov.info: below 70 %');
    const base = {
      'a/package.json': manifest({ coverage: writes(9, 10) }),
      'b/package.json': manifest({ coverage: writes(5, 10) }),
    };
    const packages = await judge({
      kind: 'coverage',
      argument: '70',
      base,
      attempt: { 'a/x': '', 'b/x': '' },
    });
    expect(packages.reason).toBe('coverage is 50 % (5 of 10 lines), says b/lcov.info: below 70 %');
  });

  it.each([
    ['at the top', '', 'lcov.info'],
    ['in a package', 'packages/a/', 'packages/a/coverage/lcov.info'],
    ['of a run of dotnet', '', 'TestResults/1234/coverage.cobertura.xml'],
  ])('never counts a report that is older than the attempt: %s', async (_where, folder, file) => {
    const base = { [`${folder}package.json`]: manifest({ coverage: 'true' }) };
    const attempt = { [file]: 'SF:a\nLF:1\nLH:1\n', [`${folder}a.js`]: '' };
    const result = await judge({ kind: 'coverage', argument: '50', base, attempt });
    expect(result.status).toBe('fail');
    expect(result.reason).toContain('coverage could not be told');
    expect(result.reason).toContain(`${file} was there before and does not count`);
  });

  it('counts a report that was there before once the command has written it anew', async () => {
    const base = scripted(writes(5, 10));
    const attempt = { 'lcov.info': 'SF:a\nLF:1\nLH:1\n' };
    expect((await judge({ kind: 'coverage', argument: '70', base, attempt })).reason).toContain(
      '50 % (5 of 10',
    );
  });

  it('explains a report that cannot be', async () => {
    const base = scripted('printf \'<coverage line-rate="NaN"/>\' > coverage.xml');
    const result = await judge({ kind: 'coverage', argument: '50', base });
    expect(result).toMatchObject({
      status: 'fail',
      reason: 'coverage could not be told from coverage.xml: it says that NaN % are covered',
    });
  });

  it('reads no report that is too large, is no file, or lies outside of the tree', async () => {
    const large = `truncate -s ${limits.coverageReportBytesMax + 1} lcov.info`;
    expect((await judge({ kind: 'coverage', argument: '1', base: scripted(large) })).reason).toContain(
      'bytes',
    );
    const pipe = await judge({
      kind: 'coverage',
      argument: '1',
      base: scripted('mkfifo lcov.info; mkdir coverage.xml'),
    });
    expect(pipe.reason).toContain('the command wrote no report');
    const linked = scripted('ln -s /etc/hostname lcov.info');
    const outside = await judge({ kind: 'coverage', argument: '1', base: linked });
    expect(outside.reason).toContain('it is a link that leads out of the tree');
  });

  it('is skipped without a command or a tool, and says so', async () => {
    const none = await judge({ kind: 'coverage', argument: '50', base: { 'a.txt': '' } });
    expect(none).toMatchObject({ status: 'skip', reason: expect.stringContaining('no coverage command') });
    const missing = await judge({
      kind: 'coverage',
      argument: '50',
      base: scripted('no-such-coverage-tool'),
    });
    expect(missing).toMatchObject({ status: 'skip', reason: expect.stringContaining('not installed') });
  });

  it('fails when its command fails', async () => {
    const result = await judge({ kind: 'coverage', argument: '50', base: scripted('echo broken; exit 1') });
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringContaining('broken') });
  });
});

describe('coverage measured for real', () => {
  const half = 'export function a(x) {\n  if (x) {\n    return 1;\n  }\n  return 2;\n}\n';
  const test = "import test from 'node:test';\nimport { a } from './a.js';\ntest('a', () => a(true));\n";

  it.each([
    ['in its output', ''],
    ['in a report', ' --test-reporter=lcov --test-reporter-destination=lcov.info'],
  ])('of node --test, %s', async (_where, more) => {
    const base = {
      ...scripted(`node --test --experimental-test-coverage${more}`),
      'a.js': half,
      'a.test.js': test,
    };
    expect(await judge({ kind: 'coverage', argument: '50', base })).toMatchObject({ status: 'pass' });
    const result = await judge({ kind: 'coverage', argument: '99', base });
    expect(result).toMatchObject({ status: 'fail', reason: expect.stringMatching(/^coverage is [78]\d/) });
  });

  it.skipIf(!has('go', 'version'))('of go (skipped where go is not installed)', async () => {
    const base = {
      'go.mod': 'module example.com/sample\n\ngo 1.19\n',
      'a.go': 'package sample\n\nfunc Sign(a int) int {\n\tif a < 0 {\n\t\treturn -1\n\t}\n\treturn 1\n}\n',
      'a_test.go':
        'package sample\n\nimport "testing"\n\nfunc TestSign(t *testing.T) {\n\tif Sign(1) != 1 {\n\t\tt.Error("no")\n\t}\n}\n',
    };
    expect(await judge({ kind: 'coverage', argument: '66', base })).toMatchObject({
      status: 'pass',
      reason: '',
    });
    expect(await judge({ kind: 'coverage', argument: '67', base })).toMatchObject({
      status: 'fail',
      reason: 'coverage is 66.66 % (2 of 3 statements), says coverage.out: below 67 %',
    });
  });

  const python = pythonPath('pytest', 'pytest_cov');
  const calc = {
    'pyproject.toml':
      '[project]\nname = "sample"\nversion = "1"\n[project.optional-dependencies]\ntest = ["pytest", "pytest-cov"]\n[tool.coverage.run]\nsource = ["."]\n',
    'calc.py': 'def sign(a):\n    if a < 0:\n        return -1\n    return 1\n',
    'test_calc.py': 'from calc import sign\n\n\ndef test_sign():\n    assert sign(1) == 1\n',
  };

  it.skipIf(!python)('of pytest-cov (skipped where it is not installed)', async () => {
    const given = { kind: 'coverage', base: calc, path: python ?? [] } as const;
    expect(await judge({ ...given, argument: '80' })).toMatchObject({ status: 'pass' });
    expect(await judge({ ...given, argument: '90' })).toMatchObject({
      status: 'fail',
      reason: expect.stringMatching(/^coverage is 85\.71 % \(6 of 7 lines\), says the output: below 90 %/),
    });
  });

  it.skipIf(!python)('of coverage.py, by what it writes (skipped where it is not installed)', async () => {
    const command =
      'python3 -m coverage run -m pytest -q && python3 -m coverage xml -q && python3 -m coverage json -q';
    const base = { ...calc, 'gump.toml': `[validation]\ncoverage = "${command}"\n` };
    const result = await judge({ kind: 'coverage', argument: '90', base, path: python ?? [] });
    expect(result.reason).toContain('(6 of 7 lines), says coverage.xml and coverage.json: below 90 %');
  });
});

describe('a tool that is said to be missing', () => {
  it('is looked for: an attempt cannot skip its judge by writing so', async () => {
    const forged = "echo 'sh: 1: sh: not found'; sh -c 'exit 127'";
    for (const kind of ['lint', 'coverage'] as const) {
      const base = { 'package.json': manifest({ lint: forged, coverage: forged }) };
      expect(await judge({ kind, argument: '1', base })).toMatchObject({ status: 'fail' });
    }
  });

  it.each([
    [
      'a script that a script runs',
      { 'package.json': manifest({ lint: 'npm run -s inner', inner: 'no-such-linter .' }) },
    ],
    ['a Makefile', { Makefile: 'lint:\n\tno-such-linter .\n' }],
    ['a module of Python', { 'gump.toml': '[validation]\nlint = "python3 -m no_such_linter"\n' }],
  ])('is skipped in %s', async (_what, base) => {
    const result = await judge({ kind: 'lint', base });
    expect(result).toMatchObject({
      status: 'skip',
      reason: expect.stringMatching(/no.such.linter is not installed/),
    });
  });

  it('is no reason to skip compile and test, and is named', async () => {
    for (const kind of ['compile', 'test'] as const) {
      const base = { 'gump.toml': '[validation]\ncompile = "no-such-tool x"\ntest = "no-such-tool x"\n' };
      const result = await judge({ kind, base });
      expect(result.status).toBe('fail');
      expect(result.reason).toContain(
        'no-such-tool is not installed here: install it on the machine that runs gump',
      );
    }
  });

  it('is what pytest-cov is where pytest does not know its option', async () => {
    const base = {
      'pyproject.toml': 'dev = ["pytest-cov"]\n',
      // Stands for an interpreter with pytest and without the plugin.
      '.venv/bin/python3':
        '#!/bin/sh\ncase "$*" in *import*) exit 1;; esac\necho "x.py: error: unrecognized arguments: --cov"\nexit 4\n',
    };
    const prepare = (cwd: string) => chmod(path.join(cwd, '.venv/bin/python3'), 0o755);
    const result = await judge({ kind: 'coverage', argument: '1', base, prepare });
    expect(result).toMatchObject({ status: 'skip', reason: expect.stringContaining('cov is not installed') });
  });
});
