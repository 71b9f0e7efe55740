import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The output of a git command in a bare repository, at most 64 MiB. @throws when git says no */
export async function gitOutput(gitDir: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute('git', [`--git-dir=${gitDir}`, ...args], {
    maxBuffer: 64 * 1024 * 1024,
    env: gitEnvironment(),
  });
  return stdout;
}

/** As {@link gitOutput}, but undefined when git says no. */
export async function gitOutputIfAny(gitDir: string, args: readonly string[]): Promise<string | undefined> {
  return gitOutput(gitDir, args).catch(() => undefined);
}

/** The full name and commit of a branch or tag, short or full; undefined when there is none. */
export async function resolveRef(
  gitDir: string,
  ref: string,
): Promise<{ readonly ref: string; readonly sha: string } | undefined> {
  const candidates = ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  for (const candidate of candidates) {
    const sha = await gitOutputIfAny(gitDir, ['rev-parse', '--verify', '--quiet', `${candidate}^{commit}`]);
    if (sha !== undefined) return { ref: candidate, sha: sha.trim() };
  }
  return undefined;
}

/** git without the machine's or a person's configuration. */
function gitEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    // Repositories of the stand-in may belong to another user in a container.
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
    LC_ALL: 'C.UTF-8',
  };
}
