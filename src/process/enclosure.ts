/** From a command's needs to the sandbox around it: the one place that says what agents, gates and context commands see. */
import { existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { homeOf, type Machine } from './machine.ts';
import { programFiles, shown } from './mounts.ts';
import { type Mount, sandboxArguments } from './sandbox.ts';

/** What one command needs. */
export interface Errand {
  /** The folder that it works in. */
  readonly cwd: string;
  /** What it may do in that folder; with `none` the folder has to lie in one that it may write. */
  readonly access: 'read-write' | 'read-only' | 'none';
  /** Further folders and files that it may write. */
  readonly write?: readonly string[];
  /** Files that it starts; their packages are shown with them. */
  readonly programs?: readonly string[];
  /** Default: this machine's. */
  readonly network?: 'host' | 'none';
  /** Its HOME, which it may write; default: the one that the run's commands share. */
  readonly home?: string;
  /** Below the user's home, what it may read and write; found through links in a `home` that nobody else has written. */
  readonly login?: readonly string[];
}

/** A sandbox around one command; `spawnProcess` makes it. */
export interface Enclosure {
  /**
   * From program (absolute) and arguments to what is started in their place; to be called right before.
   * @throws the file system's error where the folder is not there, or the home cannot be made.
   */
  readonly wrap: (command: readonly string[]) => readonly string[];
  /** From the command's environment to the one that it gets. */
  readonly environment: (env: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
}

export interface Sandbox {
  enclose(errand: Errand): Enclosure;
}

export interface SandboxParts {
  /** A probe's finding (`probeSandbox`). */
  readonly program: string;
  readonly closed: boolean;
  readonly machine: Machine;
  /** What the run adds for all of its commands: object stores, our own program; and what must not be seen. */
  readonly mounts: readonly Mount[];
  /** A folder of the run's own; made when it is first needed. */
  readonly home: string;
  /** Further paths, absolute, that every command may read, and write; those of the user's home are found in each HOME. */
  readonly read?: readonly string[];
  readonly write?: readonly string[];
}

export function createSandbox(parts: SandboxParts): Sandbox {
  const { program, closed, machine, mounts, home: shared, read = [], write: alsoWrite = [] } = parts;
  const prepareHome = createHomes([...read, ...alsoWrite]);
  return {
    enclose: (errand) => {
      const { cwd, access, write = [], programs = [], network = 'host', home = shared } = errand;
      const argumentsNow = () => {
        const login = home === shared ? [] : (errand.login ?? []).flatMap(inUserHome);
        prepareHome(home, login);
        const tree = access === 'none' ? [] : shown(access === 'read-write' ? 'write' : 'read', cwd);
        const readable = read.flatMap((path) => shown('read', path));
        const own = [...readable, ...programFiles(programs, homeOf()), ...tree];
        const writable = [home, ...alsoWrite, ...login, ...write].flatMap((path) => shown('write', path));
        return sandboxArguments({
          mounts: [...machine.mounts, ...mounts, ...own, ...writable],
          cwd: realpathSync(cwd),
          network,
          closed,
        });
      };
      return {
        wrap: (command) => [program, ...argumentsNow(), ...command],
        environment: (env) => ({ ...machine.variables, ...withoutInherited(env), HOME: home }),
      };
    },
  };
}

/**
 * Makes each HOME once, with links to what is shown of the user's own. Later never again: by then a command may have put
 * links of its own there, which lead out.
 */
function createHomes(everywhere: readonly string[]) {
  const made = new Set<string>();
  return (home: string, login: readonly string[]) => {
    mkdirSync(home, { recursive: true });
    if (made.has(home)) return;
    made.add(home);
    for (const target of new Set([...everywhere, ...login])) {
      const name = relative(homeOf() ?? '/', target);
      const isThere = existsSync(join(home, name));
      if (homeOf() === null || name.startsWith('..') || isThere || !existsSync(target)) continue;
      mkdirSync(dirname(join(home, name)), { recursive: true });
      symlinkSync(target, join(home, name));
    }
  };
}

/** Where something of the user's home is; nothing where it is not there. */
function inUserHome(name: string): readonly string[] {
  const home = homeOf();
  return home === null || !existsSync(join(home, name)) ? [] : [join(home, name)];
}

/** Folders of the user's that are not there, or cannot be written: without these programs take those in HOME and /tmp. */
const folderVariables = [
  ...['TMPDIR', 'TMP', 'TEMP', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME'],
  ...['CARGO_HOME', 'GOPATH', 'DENO_DIR', 'PNPM_HOME', 'BUN_INSTALL'],
];

/** Those that somebody set for the command itself stay. */
function withoutInherited(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const isInherited = (name: string) => folderVariables.includes(name) && env[name] === process.env[name];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isInherited(name)));
}
