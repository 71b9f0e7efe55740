/** R10: what a child process gets of our environment. A list of what passes, so that a new secret is not let through by default. */
import { dirname } from 'node:path';

const plainNames = new Set([
  ...[
    'PATH',
    'HOME',
    'USER',
    'LOGNAME',
    'SHELL',
    'TERM',
    'TMPDIR',
    'TMP',
    'TEMP',
    'TZ',
    'LANG',
    'LANGUAGE',
    'CI',
  ],
  ...['NO_COLOR', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME'],
  // Where a toolchain is: without these a project's own tests do not find it on a runner.
  ...['JAVA_HOME', 'GOROOT', 'GOPATH', 'CARGO_HOME', 'RUSTUP_HOME', 'DOTNET_ROOT', 'ANDROID_HOME', 'NVM_DIR'],
  ...['PNPM_HOME', 'BUN_INSTALL', 'DENO_DIR', 'PYENV_ROOT', 'RBENV_ROOT', 'VIRTUAL_ENV', 'LD_LIBRARY_PATH'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'SystemRoot'],
]);

/**
 * Words of a variable's name that make it a secret's. Before the long ones anything may stand (PGPASSWORD, _authToken);
 * KEY ends too many ordinary words (MONKEY) and stands alone or behind what keys are for.
 */
const secretWord =
  /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL)S?$|^(?:API|AUTH|ACCESS|ACCOUNT|PRIVATE|SECRET|SIGNING|ENCRYPTION|SSH|GPG)?KEYS?$/i;

/**
 * The environment for agents, gates and context commands: paths, locale (always UTF-8) and terminal of ours, nothing of
 * GitHub's and no secret; then `extra`, which may hold anything. With `treeDir`, git looks for no repository above it
 * (`spawnProcess` sees to that for its own folder).
 */
export function childEnvironment(
  extra: Readonly<Record<string, string>> = {},
  source: Readonly<Record<string, string | undefined>> = process.env,
  treeDir?: string,
): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    if (value !== undefined && passes(name)) passed[name] = value;
  }
  return {
    ...passed,
    ...unicodeLocale(passed),
    ...(treeDir === undefined ? {} : { GIT_CEILING_DIRECTORIES: dirname(treeDir) }),
    ...extra,
  };
}

/** The mark by which what a killed engine has left is found; in the environment of all that a run starts. */
export const runMarkName = 'GUMP_RUN_FOLDER';

/** The same mark for a child whose environment is made anew; nothing where there is none. */
export function markIn(env: Readonly<Record<string, string>>): Record<string, string> {
  const folder = env[runMarkName];
  return folder === undefined ? {} : { [runMarkName]: folder };
}

/** The values of variables whose names look like a secret's; for the redactor. */
export function secretsOf(source: Readonly<Record<string, string | undefined>> = process.env): string[] {
  const values = new Set<string>();
  for (const [name, value] of Object.entries(source)) if (value && isSecretName(name)) values.add(value);
  return [...values];
}

function passes(name: string): boolean {
  return (plainNames.has(name) || /^LC_[A-Z]+$/.test(name)) && !isSecretName(name);
}

/** A word ends at whatever is no letter or digit: API_KEY, INPUT_GITHUB-TOKEN. */
function isSecretName(name: string): boolean {
  return name.split(/[^A-Za-z0-9]+/).some((word) => secretWord.test(word));
}

function unicodeLocale(passed: Readonly<Record<string, string>>): Record<string, string> {
  const isUnicode = (value: string | undefined) => /utf-?8/i.test(value ?? '');
  const locale: Record<string, string> = {};
  if (!isUnicode(passed.LANG)) locale.LANG = 'C.UTF-8';
  for (const name of ['LC_ALL', 'LC_CTYPE']) {
    if (passed[name] !== undefined && !isUnicode(passed[name])) locale[name] = 'C.UTF-8';
  }
  return locale;
}
