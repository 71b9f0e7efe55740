/** A small project in each language that is known here: how it passes, how it breaks, and what a failure has to tell. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { type Files, manifest, ownPrograms } from './project.ts';
import { has, pythonPath } from './tools.ts';

export interface Language {
  readonly name: string;
  readonly isThere: boolean;
  /** Folders of programs that come first. */
  readonly path?: readonly string[];
  /** Passes every gate. */
  readonly base: Files;
  /** Does not compile, and where; null where nothing compiles. */
  readonly broken: { readonly files: Files; readonly tells: readonly (string | RegExp)[] } | null;
  /** One test fails. */
  readonly failing: { readonly files: Files; readonly tells: readonly (string | RegExp)[] };
  /** Three tests fail. */
  readonly several: { readonly files: Files; readonly names: readonly string[] };
  /** True where each run takes many seconds: only one failure of each kind is looked at. */
  readonly isSlow?: true;
  /** A test that fails amid 100,000 lines that it prints; null where a case more tells nothing more. */
  readonly noisy: { readonly files: Files; readonly tells: readonly string[] } | null;
  /** No test is left; null where that cannot be told from a runner's output. */
  readonly none: Files | null;
  /** Files that the tools leave behind, by patterns of their first commit's .gitignore. */
  readonly ignored: readonly string[];
}

const sum = (sign: string) => `export const add = (a, b) => a ${sign} b;\n`;
const nodeTest = (body: string) =>
  `import test from 'node:test';\nimport assert from 'node:assert/strict';\nimport { add } from './add.js';\n${body}`;
const loud = 'for (let i = 0; i < 100_000; i++) console.log(`line ${i} of the noise`);';

const node: Language = {
  name: 'npm with node:test',
  isThere: true,
  base: {
    'package.json': manifest({
      build: 'node --check add.js',
      test: 'node --test',
      lint: 'node --check add.js',
    }),
    'add.js': sum('+'),
    'add.test.js': nodeTest("test('adds two', () => assert.equal(add(1, 1), 2));\n"),
  },
  broken: { files: { 'add.js': 'export const add = (a b) => a;\n' }, tells: [/add\.js:1/, 'SyntaxError'] },
  failing: { files: { 'add.js': sum('-') }, tells: ['adds two', '0 !== 2', /add\.test\.js:4/] },
  several: {
    files: {
      'add.test.js': nodeTest(
        ['first', 'second', 'third']
          .map((name) => `test('the ${name}', () => assert.equal(add(1, 1), 3));\n`)
          .join(''),
      ),
    },
    names: ['the first', 'the second', 'the third'],
  },
  noisy: {
    files: {
      'add.test.js': nodeTest(
        `test('loud', () => { ${loud} try { assert.equal(add(1, 1), 3); } finally { ${loud} } });\n`,
      ),
    },
    tells: ['loud', '2 !== 3'],
  },
  none: { 'add.test.js': null },
  ignored: ['node_modules/'],
};

const vitestFile = (body: string) =>
  `import { expect, test } from 'vitest';\nimport { add } from './add.js';\n${body}`;

const vitest: Language = {
  ...node,
  name: 'npm with vitest',
  path: [ownPrograms],
  base: {
    'package.json': manifest({ test: 'vitest run', build: 'node --check add.js' }),
    'add.js': sum('+'),
    'add.spec.js': vitestFile("test('adds two', () => expect(add(1, 1)).toBe(2));\n"),
    'vitest.config.js': 'export default {};\n',
  },
  failing: { files: { 'add.js': sum('-') }, tells: ['adds two', 'expected +0 to be 2', /add\.spec\.js:3/] },
  several: {
    files: {
      'add.spec.js': vitestFile(
        ['first', 'second', 'third']
          .map((name) => `test('the ${name}', () => expect(add(1, 1)).toBe(3));\n`)
          .join(''),
      ),
    },
    names: ['the first', 'the second', 'the third'],
  },
  noisy: null,
  none: { 'add.spec.js': null },
};

const make: Language = {
  name: 'make',
  isThere: has('make', '--version'),
  base: {
    Makefile: 'build:\n\tsh -n run.sh\ntest:\n\tsh run.sh\nlint:\n\tsh -n run.sh\n',
    'run.sh': 'echo 1..2\nexit 0\n',
  },
  broken: { files: { 'run.sh': 'if then\n' }, tells: [/run\.sh: 1|run\.sh: line 1/] },
  failing: {
    files: { 'run.sh': 'echo 1..1; echo the cause; exit 3\n' },
    tells: ['the cause', 'make test', 'Error 3'],
  },
  several: {
    files: {
      'run.sh': 'echo 1..3\nfor n in first second third; do echo "not ok 1 - the $n"; done\nexit 1\n',
    },
    names: ['the first', 'the second', 'the third'],
  },
  noisy: {
    files: {
      'run.sh':
        'seq -f "line %.0f of the noise" 100000\necho "not ok 7 - loud"\necho "  got: 2"\nseq 100000\nexit 1\n',
    },
    tells: ['not ok 7 - loud', 'got: 2'],
  },
  none: { 'run.sh': 'echo 1..0\n' },
  ignored: ['*.o'],
};

const goTest = (body: string) =>
  `package sample\n\nimport (\n\t"fmt"\n\t"testing"\n)\n\nvar _ = fmt.Sprint\n\n${body}`;
const goFails = (name: string) =>
  `func ${name}(t *testing.T) {\n\tif got := Add(1, 1); got != 3 {\n\t\tt.Errorf("got %d, want 3", got)\n\t}\n}\n`;

const go: Language = {
  name: 'go',
  isThere: has('go', 'version'),
  base: {
    'go.mod': 'module example.com/sample\n\ngo 1.19\n',
    'add.go': 'package sample\n\nfunc Add(a, b int) int { return a + b }\n',
    'add_test.go': goTest(
      'func TestAdd(t *testing.T) {\n\tif got := Add(1, 1); got != 2 {\n\t\tt.Errorf("got %d, want 2", got)\n\t}\n}\n',
    ),
  },
  broken: {
    files: { 'add.go': 'package sample\n\nfunc Add(a, b int) int { return "x" }\n' },
    tells: [/add\.go:3:33: cannot use "x"/],
  },
  failing: {
    files: { 'add.go': 'package sample\n\nfunc Add(a, b int) int { return a - b }\n' },
    tells: ['--- FAIL: TestAdd', /add_test\.go:12: got 0, want 2/],
  },
  several: {
    files: { 'add_test.go': goTest(['TestFirst', 'TestSecond', 'TestThird'].map(goFails).join('\n')) },
    names: ['TestFirst', 'TestSecond', 'TestThird'],
  },
  noisy: {
    files: {
      'add_test.go': goTest(
        'func TestLoud(t *testing.T) {\n\tfor i := 0; i < 100000; i++ {\n\t\tfmt.Println("line of the noise", i)\n\t}\n\tt.Errorf("got %d, want 3", Add(1, 1))\n\tfor i := 0; i < 100000; i++ {\n\t\tfmt.Println("line of the noise", i)\n\t}\n}\n',
      ),
    },
    tells: ['--- FAIL: TestLoud', 'got 2, want 3'],
  },
  none: { 'add_test.go': null },
  ignored: ['sample', 'coverage.out'],
};

const cargoTest = (body: string) => `#![allow(dead_code)]\n${body}`;
const cargoFails = (name: string) => `#[test]\nfn ${name}() {\n    assert_eq!(sample::add(1, 1), 3);\n}\n`;

const cargo: Language = {
  name: 'cargo',
  isThere: has('cargo', '--version') && has('rustc', '--version'),
  base: {
    'Cargo.toml': '[package]\nname = "sample"\nversion = "0.1.0"\nedition = "2021"\n',
    'src/lib.rs': 'pub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n',
    'tests/adds.rs': cargoTest('#[test]\nfn adds() {\n    assert_eq!(sample::add(1, 1), 2);\n}\n'),
  },
  broken: {
    files: { 'src/lib.rs': 'pub fn add(a: i32, b: i32) -> i32 {\n    "x"\n}\n' },
    tells: ['error[E0308]: mismatched types', '--> src/lib.rs:2:5'],
  },
  failing: {
    files: { 'src/lib.rs': 'pub fn add(a: i32, b: i32) -> i32 {\n    a - b\n}\n' },
    tells: ['test adds ... FAILED', /panicked at .*tests\/adds\.rs:4:5/, /left: `?0/, /right: `?2/],
  },
  several: {
    files: { 'tests/adds.rs': cargoTest(['first', 'second', 'third'].map(cargoFails).join('\n')) },
    names: ['test first ... FAILED', 'test second ... FAILED', 'test third ... FAILED'],
  },
  noisy: null,
  none: { 'tests/adds.rs': '' },
  ignored: ['target/', 'Cargo.lock'],
};

const python = pythonPath('pytest');
const pythonTest = (body: string) => `from add import add\n\n\n${body}`;
const pythonFails = (name: string) => `def test_${name}():\n    assert add(1, 1) == 3\n\n\n`;

const pytest: Language = {
  name: 'python3 with pytest',
  isThere: python !== null,
  path: python ?? [],
  base: {
    'pyproject.toml': '[tool.pytest.ini_options]\ntestpaths = ["tests"]\npythonpath = ["."]\n',
    'add.py': 'def add(a, b):\n    return a + b\n',
    'tests/test_add.py': pythonTest('def test_add():\n    assert add(1, 1) == 2\n'),
  },
  broken: { files: { 'add.py': 'def add(a, b:\n' }, tells: [/File ".*add\.py", line 1/, 'SyntaxError'] },
  failing: {
    // Python believes a cache whose source has the same second and the same size.
    files: { 'add.py': 'def add(a, b):\n    return a - b  # wrong\n' },
    tells: ['assert 0 == 2', 'FAILED tests/test_add.py::test_add', /tests\/test_add\.py:5/],
  },
  several: {
    files: { 'tests/test_add.py': pythonTest(['first', 'second', 'third'].map(pythonFails).join('')) },
    names: ['test_first', 'test_second', 'test_third'],
  },
  noisy: {
    files: {
      'tests/test_add.py': pythonTest(
        'def test_loud():\n    for i in range(100000):\n        print("line", i, "of the noise")\n    assert add(1, 1) == 3\n',
      ),
    },
    tells: ['assert 2 == 3', 'FAILED tests/test_add.py::test_loud'],
  },
  none: { 'tests/test_add.py': '' },
  ignored: ['__pycache__/', '.pytest_cache/'],
};

/** Plugins and JUnit have to lie in the local repository: tests fetch nothing. */
const mavenRepository = path.join(homedir(), '.m2/repository/org');
const mavenParts = [
  'apache/maven/plugins/maven-resources-plugin/3.3.1',
  'apache/maven/plugins/maven-compiler-plugin/3.13.0',
  'apache/maven/plugins/maven-surefire-plugin/3.2.5',
  'apache/maven/surefire/surefire-junit-platform/3.2.5',
  'junit/jupiter/junit-jupiter/5.10.2',
];
const plugin = (name: string, version: string) =>
  `<plugin><artifactId>maven-${name}-plugin</artifactId><version>${version}</version></plugin>`;
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sample</groupId><artifactId>sample</artifactId><version>1</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.10.2</version><scope>test</scope>
    </dependency>
  </dependencies>
  <build><plugins>${plugin('resources', '3.3.1')}${plugin('compiler', '3.13.0')}${plugin('surefire', '3.2.5')}</plugins></build>
</project>
`;
const java = (expression: string) =>
  `package sample;\n\nclass Calc {\n  static int add(int a, int b) {\n    return ${expression};\n  }\n}\n`;
const javaTest = (body: string) =>
  `package sample;\n\nimport static org.junit.jupiter.api.Assertions.assertEquals;\nimport org.junit.jupiter.api.Test;\n\nclass CalcTest {\n${body}}\n`;
const javaFails = (name: string, wanted = 3) =>
  `  @Test\n  void ${name}() {\n    assertEquals(${wanted}, Calc.add(1, 1));\n  }\n`;
const testOfJava = 'src/test/java/sample/CalcTest.java';

const maven: Language = {
  name: 'maven',
  isSlow: true,
  isThere:
    mavenParts.every((part) => existsSync(path.join(mavenRepository, part))) && has('mvn', '--version'),
  base: {
    'pom.xml': pom,
    '.mvn/maven.config': '--offline\n-DforkCount=0\n',
    '.mvn/jvm.config': '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC\n',
    'src/main/java/sample/Calc.java': java('a + b'),
    [testOfJava]: javaTest(javaFails('adds', 2)),
  },
  broken: {
    files: { 'src/main/java/sample/Calc.java': java('"x"') },
    tells: [/Calc\.java:\[5,12\] incompatible types/],
  },
  failing: {
    files: { 'src/main/java/sample/Calc.java': java('a - b') },
    tells: [/CalcTest\.adds:9 expected: <2> but was: <0>/],
  },
  several: {
    files: { [testOfJava]: javaTest(['first', 'second', 'third'].map((name) => javaFails(name)).join('')) },
    names: ['CalcTest.first:9', 'CalcTest.second:13', 'CalcTest.third:17'],
  },
  noisy: null,
  none: { [testOfJava]: null },
  ignored: ['target/'],
};

const exTest = (body: string) => `defmodule SampleTest do\n  use ExUnit.Case\n${body}end\n`;
const exFails = (name: string, wanted = 3) =>
  `  test "${name}" do\n    assert Sample.add(1, 1) == ${wanted}\n  end\n`;

const mix: Language = {
  name: 'mix',
  isThere: has('mix', '--version'),
  base: {
    'mix.exs':
      'defmodule Sample.MixProject do\n  use Mix.Project\n  def project, do: [app: :sample, version: "0.1.0"]\nend\n',
    '.formatter.exs': '[inputs: ["{lib,test}/**/*.{ex,exs}"]]\n',
    'lib/sample.ex': 'defmodule Sample do\n  def add(a, b), do: a + b\nend\n',
    'test/test_helper.exs': 'ExUnit.start()\n',
    'test/sample_test.exs': exTest(`\n${exFails('adds', 2)}`),
  },
  broken: {
    files: { 'lib/sample.ex': 'defmodule Sample do\n  def add(a, b), do: a +\nend\n' },
    tells: [/lib\/sample\.ex:3:1: syntax error/],
  },
  failing: {
    files: { 'lib/sample.ex': 'defmodule Sample do\n  def add(a, b), do: a - b\nend\n' },
    tells: ['test adds (SampleTest)', /left: +0/, /right: +2/, 'test/sample_test.exs:5'],
  },
  several: {
    files: {
      'test/sample_test.exs': exTest(['first', 'second', 'third'].map((name) => exFails(name)).join('')),
    },
    names: ['test first (SampleTest)', 'test second (SampleTest)', 'test third (SampleTest)'],
  },
  noisy: null,
  none: { 'test/sample_test.exs': null },
  ignored: ['_build/', 'cover/'],
};

const dotnet: Language = {
  name: 'dotnet',
  isThere: has('dotnet', '--version') && existsSync(path.join(homedir(), '.nuget/packages/xunit')),
  base: {
    'sample.csproj':
      '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup><ItemGroup><PackageReference Include="Microsoft.NET.Test.Sdk" Version="17.*"/><PackageReference Include="xunit" Version="2.*"/><PackageReference Include="xunit.runner.visualstudio" Version="2.*"/></ItemGroup></Project>\n',
    'Calc.cs': 'public static class Calc { public static int Add(int a, int b) => a + b; }\n',
    'CalcTest.cs':
      'public class CalcTest { [Xunit.Fact] public void Adds() => Xunit.Assert.Equal(2, Calc.Add(1, 1)); }\n',
  },
  broken: {
    files: { 'Calc.cs': 'public static class Calc { public static int Add(int a, int b) => "x"; }\n' },
    tells: [/Calc\.cs\(1,67\): error CS0029/],
  },
  failing: {
    files: { 'Calc.cs': 'public static class Calc { public static int Add(int a, int b) => a - b; }\n' },
    tells: ['CalcTest.Adds', 'Expected: 2', 'Actual:   0'],
  },
  several: {
    files: {
      'CalcTest.cs': `public class CalcTest { ${['First', 'Second', 'Third'].map((name) => `[Xunit.Fact] public void ${name}() => Xunit.Assert.Equal(3, Calc.Add(1, 1));`).join(' ')} }\n`,
    },
    names: ['CalcTest.First', 'CalcTest.Second', 'CalcTest.Third'],
  },
  noisy: null,
  none: { 'CalcTest.cs': null },
  ignored: ['bin/', 'obj/'],
};

/** Gradle fetches its test library itself; tests fetch nothing, so its command and its words are tested only. */
export const languages: readonly Language[] = [node, vitest, make, go, cargo, pytest, maven, mix, dotnet];
