/** The scripts of a package.json as commands: their texts as the project's own package manager would run them. */
import { type Command, join, type Place, plain, type Script, upwards } from './project.ts';
import type { Goal } from './validation.ts';

/** @source npm's own placeholder of `npm init`, npm 11, 2026-11 */
const placeholderTest = /^echo "Error: no test specified" && exit 1$/;

const scriptNames: Readonly<Record<Goal, readonly string[]>> = {
  compile: ['build', 'compile', 'typecheck'],
  test: ['test'],
  lint: ['lint'],
  coverage: ['coverage', 'test:coverage'],
};

/** The script for the goal with its hooks, or null where the package has none. */
export async function packageScripts(place: Place): Promise<Command | null> {
  const manifest = readManifest(await place.project.read(join(place.folder, 'package.json')));
  if (!manifest) return null;
  const name = scriptNames[place.goal].find((candidate) => {
    const text = manifest.scripts.get(candidate);
    return text !== undefined && !placeholderTest.test(text);
  });
  if (name === undefined) return null;
  const manager = await packageManager(place);
  const source = `script \`${name}\` of ${join(place.folder, 'package.json')}`;
  // Without node_modules only yarn itself knows where a script's tools are; the script is the pinned one all the same.
  if (await isPlugAndPlay(place, manager))
    return { ...(plain(place, '', `yarn run ${name}`) as Command), source };
  const hooks = manager.runsHooks ? [`pre${name}`, name, `post${name}`] : [name];
  return { folder: place.folder, texts: scriptsOf(hooks, manifest, manager), source };
}

function scriptsOf(events: readonly string[], manifest: Manifest, manager: Manager): Script[] {
  return events.flatMap((event) => {
    const text = manifest.scripts.get(event);
    return text === undefined ? [] : [{ text, env: scriptEnvironment({ event, text, manifest, manager }) }];
  });
}

export interface Manifest {
  readonly name: string | null;
  readonly version: string | null;
  /** As `packageManager` says it: `pnpm@10.34.9`. */
  readonly manager: string | null;
  readonly scripts: ReadonlyMap<string, string>;
}

/** What detection needs of a package.json; null where it is none. A byte order mark is no part of JSON, but package managers read over it. */
function readManifest(text: string | null): Manifest | null {
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { name, version, packageManager, scripts } = value as Record<string, unknown>;
  const entries = typeof scripts === 'object' && scripts !== null ? Object.entries(scripts) : [];
  return {
    name: textOr(name),
    version: textOr(version),
    manager: textOr(packageManager),
    scripts: new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
  };
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** What package managers set for a script. @source https://docs.npmjs.com/cli/v11/using-npm/scripts, 2026-11 */
function scriptEnvironment(script: {
  readonly event: string;
  readonly text: string;
  readonly manifest: Manifest;
  readonly manager: Manager;
}): Record<string, string> {
  const { event, text, manifest, manager } = script;
  const { version, platform, arch } = process;
  return {
    npm_lifecycle_event: event,
    npm_lifecycle_script: text,
    npm_config_user_agent: `${manager.name}/${manager.version} node/${version} ${platform} ${arch}`,
    ...(manifest.name === null ? {} : { npm_package_name: manifest.name }),
    ...(manifest.version === null ? {} : { npm_package_version: manifest.version }),
  };
}

interface Manager {
  readonly name: string;
  /** `0` where nothing says it. */
  readonly version: string;
  /** True where `pretest` and `posttest` run with `test`. */
  readonly runsHooks: boolean;
}

const locks = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
} as const;

/** From the package upwards: the field `packageManager`, else a lock file; npm where neither is there. */
async function packageManager({ project, folder }: Place): Promise<Manager> {
  for (const place of upwards(folder)) {
    const manifest = readManifest(await project.read(join(place, 'package.json')));
    const field = /^(npm|pnpm|yarn|bun)@(\d+[\w.-]*)/.exec(manifest?.manager ?? '');
    const names = (await project.list(place)) ?? [];
    const isBerry = names.includes('.yarnrc.yml');
    if (field) return manager(field[1] ?? 'npm', field[2] ?? '0', isBerry);
    const lock = Object.entries(locks).find(([file]) => names.includes(file));
    if (lock) return manager(lock[1], '0', isBerry);
  }
  return manager('npm', '0', false);
}

/** @source yarnpkg.com/advanced/lifecycle-scripts, 2026-11: from version 2 on it runs no hooks of a project's own scripts */
function manager(name: string, version: string, isBerry: boolean): Manager {
  const major = Number.parseInt(version, 10);
  return { name, version, runsHooks: name !== 'yarn' || (major < 2 && !isBerry) };
}

async function isPlugAndPlay({ project, folder }: Place, { name }: Manager): Promise<boolean> {
  if (name !== 'yarn') return false;
  const names = await Promise.all(upwards(folder).map((place) => project.list(place)));
  return names.some((found) => found?.includes('.pnp.cjs'));
}
