/** What the files of a folder say about how a project is compiled, tested and linted. Pure over a reader. */
import type { Goal } from './validation.ts';

/** A tree as detection sees it: texts of one commit, names of the tree on disk. Paths are relative, `''` is the top. */
export interface Project {
  /** Null where there is no such text file. */
  readonly read: (path: string) => Promise<string | null>;
  /** Names in a folder of the attempt's tree; null where there is no such folder. */
  readonly list: (folder: string) => Promise<readonly string[] | null>;
}

export interface Command {
  /** Where it runs, relative to the tree. */
  readonly folder: string;
  /** Shell texts, run in this order until one fails. */
  readonly texts: readonly { readonly text: string; readonly env: Readonly<Record<string, string>> }[];
  /** Where it comes from, for messages: ``script `test` of package.json``. */
  readonly source: string;
}

interface Place {
  readonly project: Project;
  readonly folder: string;
  readonly goal: Goal;
}

/** The command of the first marker in this folder that has one for the goal, or null. */
export async function commandOf(place: Place): Promise<Command | null> {
  for (const marker of markers) {
    const command = await marker(place);
    if (command) return command;
  }
  return null;
}

export function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

const makefiles = ['GNUmakefile', 'makefile', 'Makefile'] as const;

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

function has({ project, folder }: Place, name: string): Promise<boolean> {
  return project.read(join(folder, name)).then((text) => text !== null);
}

function plain(place: Place, marker: string, text: string | null | undefined): Command | null {
  if (!text) return null;
  return { folder: place.folder, texts: [{ text, env: {} }], source: join(place.folder, marker) };
}

async function go(place: Place): Promise<Command | null> {
  if (!(await has(place, 'go.mod'))) return null;
  const configs = ['.golangci.yml', '.golangci.yaml', '.golangci.toml', '.golangci.json'];
  const isConfigured = (await Promise.all(configs.map((name) => has(place, name)))).includes(true);
  const texts = {
    compile: 'go build ./...',
    test: 'go test ./...',
    lint: isConfigured ? 'golangci-lint run' : 'go vet ./...',
    coverage: 'go test -cover ./...',
  };
  return plain(place, 'go.mod', texts[place.goal]);
}

/** @source npm's own placeholder of `npm init`, npm 11, 2026-11 */
const placeholderTest = /^echo "Error: no test specified" && exit 1$/;

async function packageScripts(place: Place): Promise<Command | null> {
  const manifest = readManifest(await place.project.read(join(place.folder, 'package.json')));
  if (!manifest) return null;
  const name = scriptNames[place.goal].find((candidate) => {
    const text = manifest.scripts[candidate];
    return text !== undefined && !placeholderTest.test(text);
  });
  if (name === undefined) return null;
  const manager = await packageManager(place);
  const names = [`pre${name}`, name, `post${name}`].filter((event) => manifest.scripts[event] !== undefined);
  return {
    folder: place.folder,
    texts: names.map((event) => {
      const text = manifest.scripts[event] ?? '';
      return { text, env: scriptEnvironment({ event, text, manifest, manager }) };
    }),
    source: `script \`${name}\` of ${join(place.folder, 'package.json')}`,
  };
}

const scriptNames: Readonly<Record<Goal, readonly string[]>> = {
  compile: ['build', 'compile', 'typecheck'],
  test: ['test'],
  lint: ['lint'],
  coverage: ['coverage', 'test:coverage'],
};

export interface Manifest {
  readonly name: string | null;
  readonly version: string | null;
  readonly scripts: Readonly<Record<string, string>>;
}

/** Name, version and scripts of a package.json; null where it is none. */
export function readManifest(text: string | null): Manifest | null {
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { name, version, scripts } = value as Record<string, unknown>;
  const entries = typeof scripts === 'object' && scripts !== null ? Object.entries(scripts) : [];
  return {
    name: typeof name === 'string' ? name : null,
    version: typeof version === 'string' ? version : null,
    scripts: Object.fromEntries(
      entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
  };
}

/** What package managers set for a script. @source https://docs.npmjs.com/cli/v11/using-npm/scripts, 2026-11 */
function scriptEnvironment(script: {
  readonly event: string;
  readonly text: string;
  readonly manifest: Manifest;
  readonly manager: string;
}): Record<string, string> {
  const { event, text, manifest, manager } = script;
  return {
    npm_lifecycle_event: event,
    npm_lifecycle_script: text,
    npm_config_user_agent: `${manager}/0 node/${process.version} ${process.platform} ${process.arch}`,
    ...(manifest.name === null ? {} : { npm_package_name: manifest.name }),
    ...(manifest.version === null ? {} : { npm_package_version: manifest.version }),
  };
}

async function packageManager({ project, folder }: Place): Promise<string> {
  const locks = { 'pnpm-lock.yaml': 'pnpm', 'yarn.lock': 'yarn', 'bun.lock': 'bun', 'bun.lockb': 'bun' };
  for (const place of [folder, '']) {
    for (const [lock, manager] of Object.entries(locks)) {
      if ((await project.list(place))?.includes(lock)) return manager;
    }
  }
  return 'npm';
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
    compile: `${program} -m compileall -q -x '(^|/)(\\.[^/]+|node_modules|venv)/' .`,
    test: hasPytest ? `${program} -m pytest` : `${program} -m unittest`,
    lint: /\[tool\.ruff/.test(text) ? `${start}ruff check .` : /flake8/.test(text) ? `${start}flake8` : null,
    coverage: /pytest-cov/.test(text) ? `${program} -m pytest --cov` : null,
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
  for (const name of makefiles) {
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
  const rules = text.matchAll(/^([\w./ -]+?)\s*::?(?!=)/gm);
  return new Set([...rules].flatMap((rule) => (rule[1] ?? '').split(/\s+/)));
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
