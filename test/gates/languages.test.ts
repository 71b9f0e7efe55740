import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Files, judge } from './project.ts';

/** The tool answers on this machine; a test that needs it is skipped where it does not, and its title says which. */
function has(...command: readonly string[]): boolean {
  const [program = '', ...args] = command;
  return spawnSync(program, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;
}

interface Language {
  readonly name: string;
  readonly isThere: boolean;
  readonly base: Files;
  readonly broken: Files;
  readonly failing: Files;
  /** What the reason of the failing test must tell. */
  readonly tells: readonly string[];
}

const languages: readonly Language[] = [
  {
    name: 'make',
    isThere: has('make', '--version'),
    base: { Makefile: 'build:\n\tsh -n run.sh\ntest:\n\tsh run.sh\n', 'run.sh': 'exit 0\n' },
    broken: { 'run.sh': 'if then\n' },
    failing: { 'run.sh': 'echo the cause; exit 3\n' },
    tells: ['the cause', 'make test'],
  },
  {
    name: 'go',
    isThere: has('go', 'version'),
    base: {
      'go.mod': 'module example.com/sample\n\ngo 1.21\n',
      'add.go': 'package sample\n\nfunc Add(a, b int) int { return a + b }\n',
      'add_test.go':
        'package sample\n\nimport "testing"\n\nfunc TestAdd(t *testing.T) {\n\tif got := Add(1, 1); got != 2 {\n\t\tt.Errorf("got %d, want 2", got)\n\t}\n}\n',
    },
    broken: { 'add.go': 'package sample\n\nfunc Add(a, b int) int { return "x" }\n' },
    failing: { 'add.go': 'package sample\n\nfunc Add(a, b int) int { return a - b }\n' },
    tells: ['--- FAIL: TestAdd', 'got 0, want 2'],
  },
  {
    name: 'cargo',
    isThere: has('cargo', '--version') && has('rustc', '--version'),
    base: {
      'Cargo.toml': '[package]\nname = "sample"\nversion = "0.1.0"\nedition = "2021"\n',
      'src/lib.rs': 'pub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n',
      'tests/adds.rs': '#[test]\nfn adds() {\n    assert_eq!(sample::add(1, 1), 2);\n}\n',
    },
    broken: { 'src/lib.rs': 'pub fn add(a: i32, b: i32) -> i32 {\n    "x"\n}\n' },
    failing: { 'src/lib.rs': 'pub fn add(a: i32, b: i32) -> i32 {\n    a - b\n}\n' },
    tells: ['panicked at', 'left: 0', 'right: 2'],
  },
  {
    name: 'python3 with pytest',
    isThere: has('python3', '-m', 'pytest', '--version'),
    base: {
      'pyproject.toml': '[tool.pytest.ini_options]\ntestpaths = ["tests"]\npythonpath = ["."]\n',
      'add.py': 'def add(a, b):\n    return a + b\n',
      'tests/test_add.py': 'from add import add\n\n\ndef test_add():\n    assert add(1, 1) == 2\n',
    },
    broken: { 'add.py': 'def add(a, b:\n' },
    failing: { 'add.py': 'def add(a, b):\n    return a - b\n' },
    tells: ['assert 0 == 2', 'test_add'],
  },
];

describe.each(languages)('a project of $name', ({ isThere, base, broken, failing, tells }) => {
  const there = it.skipIf(!isThere);

  there(
    'passes compile and test, and its tests are found (skipped where the tool is not installed)',
    async () => {
      expect(await judge({ kind: 'compile', base })).toMatchObject({ status: 'pass' });
      const result = await judge({ kind: 'test', base });
      expect(result).toMatchObject({ status: 'pass', reason: '' });
      expect(result.log).not.toBe('');
    },
  );

  there('fails compile when it is broken (skipped where the tool is not installed)', async () => {
    expect(await judge({ kind: 'compile', base, attempt: broken })).toMatchObject({ status: 'fail' });
  });

  there('fails test with the failing lines (skipped where the tool is not installed)', async () => {
    const result = await judge({ kind: 'test', base, attempt: failing });
    expect(result.status).toBe('fail');
    for (const part of tells) expect(result.reason).toContain(part);
  });
});
