/** Where configuration is read from, for a run in somebody's repository: environment, gump.toml, the user's own file. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Config, Layer } from '../config/config.ts';
import { type Environment, readEnvironment } from '../config/environment.ts';
import { checkLayers, mergeLayers } from '../config/layers.ts';
import { type ParsedConfig, parseConfig } from '../config/parse.ts';
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import { explain } from '../errors.ts';
import { type GitOptions, runGit, userEnvironment } from '../git/git.ts';
import type { Repository } from '../git/repository.ts';
import { limits } from '../limits.ts';
import { readPlainFile } from '../playbook/plain-file.ts';
import { fromStranger, projectFile, userFile } from './stranger.ts';

export { projectFile, userFile };

/** What holds of all sources together, and of each alone, the nearest first; null where one of them has errors. */
export interface Configuration {
  readonly config: Config | null;
  readonly layers: readonly Layer[];
  /** What the user's own file says alone. */
  readonly user: Layer | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Whose file the project's is: a stranger's may be run on somebody's machine, the default branch is the project's own. */
export type ProjectTrust = 'stranger' | 'default-branch';

interface Sources {
  readonly trust: ProjectTrust;
  readonly project: ParsedConfig | null;
  readonly user: ParsedConfig | null;
  readonly env: Environment;
}

/** Environment over project over user. */
export function configurationOf({ trust, project, user, env }: Sources): Configuration {
  const ours = trust === 'stranger' && project ? closingSandbox(fromStranger(project, user)) : project;
  const parsed = [readEnvironment(env), ours, user].filter((one) => one !== null);
  const layers = parsed.flatMap(({ layer }) => layer ?? []);
  const diagnostics = parsed.flatMap((one) => one.diagnostics);
  const all = hasErrors(diagnostics) ? diagnostics : [...diagnostics, ...checkLayers(layers)];
  return {
    config: hasErrors(all) ? null : mergeLayers(layers),
    layers,
    user: user?.layer ?? null,
    diagnostics: all,
  };
}

/**
 * On somebody's machine the project's file may close the sandbox, never open it: whoever runs a repository that a stranger
 * wrote would not notice. With a warning where it tries.
 */
function closingSandbox({ layer, diagnostics }: ParsedConfig): ParsedConfig {
  const { mode, ...paths } = layer?.config.sandbox ?? {};
  const opens = [...(mode === 'off' ? ['mode = "off"'] : []), ...Object.keys(paths)];
  if (!layer) return { layer, diagnostics };
  const sandbox = mode === 'required' ? { mode } : {};
  const message = `[sandbox] of ${projectFile} says ${opens.join(', ')}, which does not hold on your machine`;
  const hint = `where you want it, say it in ${userFile}`;
  const warning: Diagnostic = { severity: 'warning', code: 'not-used', message, hint };
  return {
    layer: { ...layer, config: { ...layer.config, sandbox } },
    diagnostics: opens.length === 0 ? diagnostics : [...diagnostics, warning],
  };
}

/** What the user's own file says of upstreams, as it is now: never what a ledger says, which others can write. */
export function ownGateway(): {
  readonly gateway: Config['gateway'];
  readonly diagnostics: readonly Diagnostic[];
} {
  const user = readUserConfig();
  return {
    gateway: user?.layer?.config.gateway ?? {},
    diagnostics: user?.layer === null ? user.diagnostics : [],
  };
}

/** For a run: the project's file as the commit has it that the run starts on, so that a gate reads the same one. */
export async function configurationAt({ root, head }: Repository, env: Environment): Promise<Configuration> {
  const place = { cwd: root, env: userEnvironment({ GIT_OPTIONAL_LOCKS: '0' }) };
  const text = await textAt(place, head);
  const found = configurationOf({
    trust: 'stranger',
    project: text === null ? null : parseConfig({ file: projectFile, text }),
    user: readUserConfig(),
    env,
  });
  if (text !== null || !existsSync(join(root, projectFile))) return found;
  const uncommitted: Diagnostic = {
    severity: 'warning',
    code: 'not-committed',
    message: `${projectFile} is not in the commit that the run starts on, so nothing that it says holds`,
    hint: 'commit it; where `git status` does not show it, an ignore rule names it',
  };
  return { ...found, diagnostics: [...found.diagnostics, uncommitted] };
}

/** For commands that only look: the project's file as it lies there, which may be under work. `root` null: no project. */
export function configurationHere(root: string | null, env: Environment): Configuration {
  const path = root === null ? null : join(root, projectFile);
  return configurationOf({
    trust: 'stranger',
    project: path === null ? null : readConfig(projectFile, path),
    user: readUserConfig(),
    env,
  });
}

/** The repository's top folder from here upwards; outside of one, the nearest folder with a gump.toml; null where there is none. */
export function projectRoot(folder: string): string | null {
  return above(folder, '.git') ?? above(folder, projectFile);
}

function above(folder: string, name: string): string | null {
  if (existsSync(join(folder, name))) return folder;
  const parent = dirname(folder);
  return parent === folder ? null : above(parent, name);
}

/** Absolute path of the user's own file, whether it is there or not. */
export function userConfigPath(): string {
  return join(homedir(), '.gump', 'config.toml');
}

function readUserConfig(): ParsedConfig | null {
  return readConfig(userFile, userConfigPath());
}

/** Null where there is no such file; what cannot be read is an error, for it may say something. */
function readConfig(file: string, path: string): ParsedConfig | null {
  if (!existsSync(path)) return null;
  const unreadable = (why: string): ParsedConfig => {
    const message = `${file} cannot be read: ${why}`;
    return { layer: null, diagnostics: [{ severity: 'error', code: 'unreadable', message }] };
  };
  try {
    // One byte more than allowed is enough for the parser to refuse it.
    const bytes = readPlainFile(path, limits.configBytesMax + 1);
    return bytes === null
      ? unreadable('it is no plain file')
      : parseConfig({ file, text: bytes.toString('utf8') });
  } catch (error) {
    return unreadable(explain(error));
  }
}

/** The text of the project's file at a commit; null where it has none. */
export async function textAt(place: Pick<GitOptions, 'cwd' | 'env'>, commit: string): Promise<string | null> {
  const { exitCode, stdout } = await runGit(['cat-file', 'blob', `${commit}:${projectFile}`], {
    ...place,
    okCodes: [0, 128],
    outputBytesMax: limits.configBytesMax + 1,
  });
  return exitCode === 0 ? stdout.toString('utf8') : null;
}
