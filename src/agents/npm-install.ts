/** An agent CLI by npm: no script of a package is run, and each package is the one that was published. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import { childEnvironment } from '../process/environment.ts';
import { findProgram } from '../process/program.ts';
import { spawnProcess } from '../process/spawn.ts';
import { recordedHashes, titleOf, type WantedCli } from './cli-packages.ts';
import type { InstalledPackage } from './npm-lock.ts';

export interface NpmPlace {
  /** npm is found on its PATH, and takes its settings from it: registry, proxy, token. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/**
 * Fetches the package and what it needs into `node_modules` of the folder; npm compares each file with the registry's hash.
 * @throws GumpError `agent` with what npm says, where it did not come whole.
 */
export async function fetchPackages(
  staging: string,
  wanted: WantedCli,
  { env, signal }: NpmPlace,
): Promise<void> {
  const npm = findProgram('npm', env.PATH ?? '');
  const title = titleOf(wanted);
  if (npm === null)
    throw new GumpError(`${title} was not installed: npm is not on PATH`, {
      ...{ code: 'agent', hint: 'add a step with actions/setup-node before this one' },
    });
  const result = await spawnProcess({
    command: [npm, 'install', title, ...npmOptions, '--prefix', staging, '--cache', join(staging, '.npm')],
    cwd: staging,
    env: npmEnvironment(env),
    deadlineMs: limits.cliInstallMs,
    outputBytesMax: limits.cliOutputBytesMax,
    ...(signal ? { signal } : {}),
  });
  await rm(join(staging, '.npm'), { recursive: true, force: true });
  if (result.exitCode === 0) return;
  const { message, hint } = whyNot(result);
  throw new GumpError(`${title} was not installed: ${message}`, { code: 'agent', ...(hint ? { hint } : {}) });
}

/** Said on the command line, so that no setting of the machine says otherwise. */
const npmOptions = [
  ...[
    '--ignore-scripts',
    '--include=optional',
    '--omit=dev',
    '--save-exact',
    '--global=false',
    '--offline=false',
  ],
  // A file with a wrong hash is asked for again too; that is no better for waiting half a minute.
  ...[
    '--fetch-retries=2',
    '--fetch-retry-factor=2',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=4000',
  ],
  ...['--no-audit', '--no-fund', '--no-update-notifier', '--no-package-lock', '--loglevel=error'],
];

/** npm's own settings and the network's; no key of a model and no token of GitHub's is among them. */
function npmEnvironment(env: NpmPlace['env']): Record<string, string> {
  const isNpms = /^(npm_config_.+|NODE_AUTH_TOKEN|NPM_TOKEN|(https?|all|no)_proxy)$/i;
  const passed = Object.entries(env).filter(([name]) => isNpms.test(name));
  return childEnvironment(
    Object.fromEntries(passed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    env,
  );
}

type Ended = Pick<Awaited<ReturnType<typeof spawnProcess>>, 'stderr' | 'timedOut' | 'aborted' | 'exitCode'>;

const lookAtRegistry = 'look at the registry that npm is set to; nothing of it was started or kept';

function whyNot({ stderr, timedOut, aborted, exitCode }: Ended): { message: string; hint?: string } {
  if (aborted) return { message: 'the job was stopped' };
  if (timedOut) return { message: `npm did not end within ${limits.cliInstallMs / 60_000} minutes` };
  if (/\bEINTEGRITY\b/.test(stderr))
    return {
      message: 'what the registry sent does not have the hash that the registry itself tells',
      hint: lookAtRegistry,
    };
  if (/\b(ETARGET|E404)\b/.test(stderr)) return { message: 'the registry has no such version' };
  return { message: `npm ended with exit code ${exitCode}: ${stderr.trim().slice(-2_000)}` };
}

/**
 * npm has compared each file with the registry's word; here that word is compared with what was recorded.
 * @throws GumpError `agent` for the first package that is another one.
 */
export function verify(wanted: WantedCli, packages: readonly InstalledPackage[]): void {
  const title = titleOf(wanted);
  const main = packages.find(({ name }) => name === wanted.cli.package);
  if (main?.version !== wanted.version)
    throw new GumpError(`${title} was not installed: the registry gave ${main?.version ?? 'nothing'}`, {
      ...{ code: 'agent', hint: lookAtRegistry },
    });
  for (const { name, version, integrity } of packages) {
    const one = `${name}@${version}`;
    if (!integrity?.startsWith('sha512-'))
      throw new GumpError(`${title} was not installed: the registry tells no SHA-512 of ${one}`, {
        ...{ code: 'agent', hint: lookAtRegistry },
      });
    const recorded = Object.hasOwn(recordedHashes, one) ? recordedHashes[one] : integrity;
    if (integrity !== recorded)
      throw new GumpError(
        `${title} was not installed: ${one} is another file than the one that was published: ${integrity} instead of ${recorded}`,
        { code: 'agent', hint: lookAtRegistry },
      );
  }
}
