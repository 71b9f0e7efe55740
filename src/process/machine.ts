/** What of this machine every sandbox shows: programs and toolchains, never a home as a whole. Read once per process. */
import { existsSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import { closedTo, hidden, holdsHome, shown } from './mounts.ts';
import type { Mount } from './sandbox.ts';

export interface Machine {
  readonly mounts: readonly Mount[];
  /** Variables that lead programs to toolchains in the user's home, for HOME is another folder. */
  readonly variables: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function readMachine(env: Environment = process.env): Machine {
  const home = homeOf(env);
  const found = home === null ? [] : toolchains.filter(([folder]) => existsSync(join(home, folder)));
  return {
    mounts: [
      ...systemFolders.flatMap((folder) => shown('read', folder)),
      ...systemLinks,
      ...closedTo('/etc'),
      ...runnersIn('/opt'),
      ...found.flatMap(([folder]) => shown('read', join(home ?? '', folder))),
      ...namedFolders(env, home).flatMap((path) => shown('read', path)),
      ...(env.PATH ?? '').split(delimiter).flatMap((folder) => programFolder(folder, home)),
    ],
    variables: variablesOf(found, home ?? '', env),
  };
}

/** The user's home; null where HOME says nothing sensible. */
export function homeOf(env: Environment = process.env): string | null {
  const { HOME: home } = env;
  return home !== undefined && isAbsolute(home) && home !== '/' ? home : null;
}

const systemFolders = [
  ...['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt', '/sys', '/snap'],
  ...['/nix/store', '/nix/var/nix/profiles', '/run/current-system', '/gnu/store'],
  // Fonts, certificates (SUSE) and Ruby's packages (Debian) are data, though they lie in /var.
  ...['/var/cache/fontconfig', '/var/lib/ca-certificates', '/var/lib/gems', '/var/lib/texmf'],
  // A link to /run on most machines; nothing else of /run is shown, for there are the sockets of services.
  '/etc/resolv.conf',
];

const systemLinks: readonly Mount[] = [{ kind: 'link', path: '/var/tmp', target: '/tmp' }];

/** Below HOME, with the variable that says where it is where programs know one. */
const toolchains: readonly (readonly [folder: string, variable?: string])[] = [
  ...([['.cargo/bin'], ['.rustup', 'RUSTUP_HOME'], ['go/bin'], ['.local/go'], ['sdk']] as const),
  ...([['.nvm', 'NVM_DIR'], ['.volta', 'VOLTA_HOME'], ['.local/share/fnm', 'FNM_DIR'], ['n']] as const),
  ...([['.npm-global'], ['.yarn/bin'], ['.local/share/pnpm'], ['.bun/bin'], ['.deno/bin']] as const),
  ...([['.pyenv', 'PYENV_ROOT'], ['.local/lib'], ['.local/pipx'], ['.local/share/pipx']] as const),
  ...([['.local/share/uv'], ['.rye/shims'], ['miniconda3'], ['anaconda3'], ['miniforge3']] as const),
  ...([['.rbenv', 'RBENV_ROOT'], ['.rvm'], ['.sdkman'], ['.jdks'], ['.dotnet', 'DOTNET_ROOT']] as const),
  ...([['.ghcup'], ['.opam', 'OPAMROOT'], ['.elan'], ['.juliaup'], ['.swiftly'], ['.phpenv']] as const),
  ...([['.asdf', 'ASDF_DATA_DIR'], ['.local/share/mise', 'MISE_DATA_DIR'], ['.local/bin']] as const),
  ['.cache/ms-playwright', 'PLAYWRIGHT_BROWSERS_PATH'],
  ['.cache/puppeteer', 'PUPPETEER_CACHE_DIR'],
  ['.cache/Cypress', 'CYPRESS_CACHE_FOLDER'],
];

/** Variables that name toolchains and certificates wherever they are. */
const naming = [
  ...['JAVA_HOME', 'GOROOT', 'RUSTUP_HOME', 'DOTNET_ROOT', 'ANDROID_HOME', 'NVM_DIR', 'PYENV_ROOT'],
  ...['RBENV_ROOT', 'VIRTUAL_ENV', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'LD_LIBRARY_PATH'],
];

function namedFolders(env: Environment, home: string | null): readonly string[] {
  return naming
    .flatMap((name) => (env[name] ?? '').split(delimiter))
    .filter((path) => isAbsolute(path) && !holdsHome(path, home));
}

/** A folder of the PATH with what lies beside it and belongs to its programs. */
function programFolder(folder: string, home: string | null): readonly Mount[] {
  if (!isAbsolute(folder) || holdsHome(folder, home)) return [];
  if (basename(folder) === '.bin') return shown('read', dirname(folder));
  const beside = ['lib', 'lib64', 'libexec', 'conf', 'jmods', 'Cellar', 'opt'];
  return [folder, ...beside.map((name) => join(dirname(folder), name))].flatMap((path) =>
    shown('read', path),
  );
}

/** A runner of GitHub's keeps its login beside its programs; the Node that runs us is shown by itself. */
function runnersIn(folder: string): readonly Mount[] {
  return ['actions-runner', 'runner', 'gha-runner']
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, '.credentials')))
    .flatMap(hidden);
}

function variablesOf(found: typeof toolchains, home: string, env: Environment): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [folder, name] of found) {
    if (name !== undefined && env[name] === undefined) variables[name] = join(home, folder);
  }
  return variables;
}
