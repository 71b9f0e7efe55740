/** What the files of a folder say about how a project is compiled, tested and linted. Pure over a reader. */
import { packageScripts } from './package-scripts.ts';
import { type Command, has, join, type Place, plain } from './project.ts';

/** The command of the first marker in this folder that has one for the goal, or null. */
export async function commandOf(place: Place): Promise<Command | null> {
  for (const marker of markers) {
    const command = await marker(place);
    if (command) return command;
  }
  return null;
}

/** In the order in which make looks for them. @source GNU make 4.4 manual, 3.2 */
export const makefileNames: readonly string[] = ['GNUmakefile', 'makefile', 'Makefile'];

const markers: readonly ((place: Place) => Promise<Command | null>)[] = [
  go,
  packageScripts,
  cargo,
  python,
  make,
  gradle,
  maven,
  mix,
  dotnet,
];

async function go(place: Place): Promise<Command | null> {
  if (!(await has(place, 'go.mod'))) return null;
  const configs = ['.golangci.yml', '.golangci.yaml', '.golangci.toml', '.golangci.json'];
  const isConfigured = (await Promise.all(configs.map((name) => has(place, name)))).includes(true);
  const texts = {
    compile: 'go build ./...',
    test: 'go test ./...',
    lint: isConfigured ? 'golangci-lint run' : 'go vet ./...',
    coverage: 'go test -coverprofile=coverage.out ./...',
  };
  return plain(place, 'go.mod', texts[place.goal]);
}

async function cargo(place: Place): Promise<Command | null> {
  if (!(await has(place, 'Cargo.toml'))) return null;
  const texts = {
    compile: 'cargo build --all-targets',
    test: 'cargo test',
    lint: 'cargo clippy --all-targets -- -D warnings',
    coverage: null,
  };
  return plain(place, 'Cargo.toml', texts[place.goal]);
}

async function python(place: Place): Promise<Command | null> {
  const text = await place.project.read(join(place.folder, 'pyproject.toml'));
  if (text === null) return null;
  const start = (await has(place, 'uv.lock'))
    ? 'uv run '
    : (await has(place, 'poetry.lock'))
      ? 'poetry run '
      : '';
  const hasPytest =
    /pytest/.test(text) || (await has(place, 'pytest.ini')) || (await has(place, 'conftest.py'));
  const program = start === '' ? 'python3' : `${start}python`;
  const texts = {
    // -f: it compares times in whole seconds, so what an attempt wrote within the second of the last compile would pass unread.
    compile: `${program} -m compileall -f -q -x '(^|/)(\\.[^/]+|node_modules|venv)/' .`,
    test: hasPytest ? `${program} -m pytest` : `${program} -m unittest`,
    lint: /\[tool\.ruff/.test(text) ? `${start}ruff check .` : /flake8/.test(text) ? `${start}flake8` : null,
    coverage: /pytest-cov/.test(text) ? `${program} -m pytest --cov --cov-report=term` : null,
  };
  return plain(place, 'pyproject.toml', texts[place.goal]);
}

async function make(place: Place): Promise<Command | null> {
  const wanted = {
    compile: ['build', 'compile'],
    test: ['test', 'check'],
    lint: ['lint'],
    coverage: ['coverage'],
  };
  for (const name of makefileNames) {
    const text = await place.project.read(join(place.folder, name));
    if (text === null) continue;
    const targets = makeTargets(text);
    const target = wanted[place.goal].find((candidate) => targets.has(candidate));
    return plain(place, name, target && `make ${target}`);
  }
  return null;
}

/** Names of the targets that a Makefile spells out. */
export function makeTargets(text: string): ReadonlySet<string> {
  return new Set(text.split('\n').flatMap(targetsOf));
}

function targetsOf(line: string): readonly string[] {
  const colon = line.indexOf(':');
  const names = line.slice(0, Math.max(0, colon));
  // `X := y` and `X ::= y` are variables; a tab begins a recipe, `#` a comment.
  const isVariable = /^:{0,2}=/.test(line.slice(colon + 1, colon + 4));
  return isVariable || !/^[\w./-][\w./ -]*$/.test(names) ? [] : names.trim().split(/ +/);
}

async function gradle(place: Place): Promise<Command | null> {
  const found = await Promise.all(['build.gradle', 'build.gradle.kts'].map((name) => has(place, name)));
  if (!found.includes(true)) return null;
  const program = (await has(place, 'gradlew')) ? './gradlew' : 'gradle';
  const tasks = { compile: 'testClasses', test: 'test', lint: null, coverage: null };
  const task = tasks[place.goal];
  return plain(
    place,
    found[0] ? 'build.gradle' : 'build.gradle.kts',
    task && `${program} --console=plain ${task}`,
  );
}

async function maven(place: Place): Promise<Command | null> {
  if (!(await has(place, 'pom.xml'))) return null;
  const program = (await has(place, 'mvnw')) ? './mvnw' : 'mvn';
  const phases = { compile: 'test-compile', test: 'test', lint: null, coverage: null };
  const phase = phases[place.goal];
  return plain(place, 'pom.xml', phase && `${program} -B -ntp ${phase}`);
}

async function mix(place: Place): Promise<Command | null> {
  if (!(await has(place, 'mix.exs'))) return null;
  const lint = (await has(place, '.formatter.exs')) ? 'mix format --check-formatted' : null;
  const texts = { compile: 'mix compile', test: 'mix test', lint, coverage: 'mix test --cover' };
  return plain(place, 'mix.exs', texts[place.goal]);
}

/** The reader cannot list a commit: names come from the tree, their texts must be in the commit. */
async function dotnet(place: Place): Promise<Command | null> {
  const names = (await place.project.list(place.folder)) ?? [];
  for (const name of names.filter((candidate) => /\.(csproj|sln|slnx)$/.test(candidate))) {
    if (!(await has(place, name))) continue;
    const texts = { compile: 'dotnet build', test: 'dotnet test', lint: null, coverage: null };
    return plain(place, name, texts[place.goal]);
  }
  return null;
}
