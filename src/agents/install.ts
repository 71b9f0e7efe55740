/**
 * Agent CLIs of exact versions, from npm into a cache: whole or not there. What comes from the registry is verified by its
 * hash, and no script of it is run.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explain, GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import { childEnvironment } from '../process/environment.ts';
import { findProgram } from '../process/program.ts';
import { spawnProcess } from '../process/spawn.ts';
import { recordedHashes, type WantedCli } from './cli-packages.ts';
import { type InstalledPackage, packagesIn } from './npm-lock.ts';

export interface Installation {
  /** Where entries are kept: a runner's tool cache. */
  readonly cache: string;
  /** npm is found on its PATH, and takes its settings from it: registry, proxy, token. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** The folders with the programs, for PATH. @throws GumpError `agent` where one of them cannot be had; the others stay. */
export async function installClis(
  wanted: readonly WantedCli[],
  installation: Installation,
): Promise<readonly string[]> {
  const folders: string[] = [];
  // One after the other: each is hundreds of megabytes.
  for (const one of wanted) folders.push(await installCli(one, installation));
  return folders;
}

async function installCli(wanted: WantedCli, installation: Installation): Promise<string> {
  const entry = entryOf(wanted, installation);
  const title = titleOf(wanted);
  if (await isWhole(entry, wanted)) {
    installation.log(`${title}: found in the tool cache`);
    return join(entry, 'bin');
  }
  await mkdir(join(entry, '..'), { recursive: true });
  await removeOld(join(entry, '..'));
  const staging = join(entry, '..', `${stagingStart}${randomBytes(8).toString('hex')}`);
  try {
    const count = await fill(staging, wanted, installation);
    await putInPlace(staging, entry, wanted);
    installation.log(
      `${title}: installed, ${count} packages verified by their hashes, no script of theirs run`,
    );
  } catch (cause) {
    if (cause instanceof GumpError) throw cause;
    throw new GumpError(`${title} was not installed: ${explain(cause)}`, { code: 'agent', cause });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return join(entry, 'bin');
}

function titleOf({ cli, version }: WantedCli): string {
  return `${cli.package}@${version}`;
}

/** `<cache>/gump-agent-cli/claude/2.1.330/linux-x64` */
function entryOf({ cli, version }: WantedCli, { cache }: Installation): string {
  return join(cache, 'gump-agent-cli', cli.family, version, `${process.platform}-${process.arch}`);
}

const stagingStart = '.staging-';
const manifestName = 'gump.json';

interface Manifest {
  readonly package: string;
  readonly version: string;
  readonly integrity: string;
}

/** An entry comes by one rename, so what is there is whole; one of other contents than were recorded is none. */
async function isWhole(entry: string, { cli, version }: WantedCli): Promise<boolean> {
  try {
    const manifest = JSON.parse(await readFile(join(entry, manifestName), 'utf8')) as Partial<Manifest>;
    const title = `${cli.package}@${version}`;
    const recorded = Object.hasOwn(recordedHashes, title) ? recordedHashes[title] : manifest.integrity;
    const isRight = manifest.package === cli.package && manifest.version === version;
    return (
      isRight && manifest.integrity === recorded && findProgram(join(entry, 'bin', cli.program), '') !== null
    );
  } catch {
    // No entry, or a damaged one: it is made anew.
    return false;
  }
}

/** What killed jobs have left; those that are at work are younger. */
async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(stagingStart)) continue;
    const path = join(folder, name);
    const age = Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? Date.now());
    if (age > limits.cliStagingMs) await rm(path, { recursive: true, force: true });
  }
}

/** How many packages it took. */
async function fill(staging: string, wanted: WantedCli, installation: Installation): Promise<number> {
  const { cli, version } = wanted;
  await mkdir(join(staging, 'bin'), { recursive: true });
  await writeFile(join(staging, 'package.json'), '{"private":true}\n');
  await fetchPackages(staging, wanted, installation);
  const packages = await packagesIn(join(staging, 'node_modules'));
  verify(wanted, packages);
  await symlink(
    join('..', 'node_modules', await programIn(staging, wanted)),
    join(staging, 'bin', cli.program),
  );
  await tryProgram(staging, wanted, installation);
  const integrity = packages.find((one) => one.name === cli.package)?.integrity ?? '';
  const manifest: Manifest = { package: cli.package, version, integrity };
  await writeFile(join(staging, manifestName), `${JSON.stringify(manifest)}\n`);
  return packages.length;
}

async function fetchPackages(staging: string, wanted: WantedCli, installation: Installation): Promise<void> {
  const { env, signal } = installation;
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
    outputBytesMax: 64 * 1024,
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
function npmEnvironment(env: Installation['env']): Record<string, string> {
  const isNpms = /^(npm_config_.+|NODE_AUTH_TOKEN|NPM_TOKEN|(https?|all|no)_proxy)$/i;
  const passed = Object.entries(env).filter(([name]) => isNpms.test(name));
  return childEnvironment(
    Object.fromEntries(passed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    env,
  );
}

type Ended = Pick<Awaited<ReturnType<typeof spawnProcess>>, 'stderr' | 'timedOut' | 'aborted' | 'exitCode'>;

function whyNot({ stderr, timedOut, aborted, exitCode }: Ended): { message: string; hint?: string } {
  if (aborted) return { message: 'the job was stopped' };
  if (timedOut) return { message: `npm did not end within ${limits.cliInstallMs / 60_000} minutes` };
  const hint = 'look at the registry that npm is set to; nothing of it was started or kept';
  if (/\bEINTEGRITY\b/.test(stderr))
    return { message: 'what the registry sent does not have the hash that the registry itself tells', hint };
  if (/\b(ETARGET|E404)\b/.test(stderr)) return { message: 'the registry has no such version' };
  return { message: `npm ended with exit code ${exitCode}: ${stderr.trim().slice(-2_000)}` };
}

/** npm has compared each file with the registry's word; here that word is compared with what was recorded. */
function verify(wanted: WantedCli, packages: readonly InstalledPackage[]): void {
  const title = titleOf(wanted);
  const hint = 'look at the registry that npm is set to; nothing of it was started or kept';
  const main = packages.find(({ name }) => name === wanted.cli.package);
  if (main?.version !== wanted.version)
    throw new GumpError(`${title} was not installed: the registry gave ${main?.version ?? 'nothing'}`, {
      ...{ code: 'agent', hint },
    });
  for (const { name, version, integrity } of packages) {
    const one = `${name}@${version}`;
    if (!integrity?.startsWith('sha512-'))
      throw new GumpError(`${title} was not installed: the registry tells no SHA-512 of ${one}`, {
        ...{ code: 'agent', hint },
      });
    const recorded = Object.hasOwn(recordedHashes, one) ? recordedHashes[one] : integrity;
    if (integrity !== recorded)
      throw new GumpError(
        `${title} was not installed: ${one} is another file than the one that was published: ${integrity} instead of ${recorded}`,
        { code: 'agent', hint },
      );
  }
}

/** Below `node_modules`: the native program where a script would have put it in place, else what npm has linked. */
async function programIn(staging: string, { cli, version }: WantedCli): Promise<string> {
  const modules = join(staging, 'node_modules');
  const native = cli.native.find((path) => existsSync(join(modules, path)));
  if (native !== undefined) return native;
  const linked = join('.bin', cli.program);
  if (cli.native.length === 0 && existsSync(join(modules, linked))) return linked;
  throw new GumpError(
    `${cli.package}@${version} was not installed: it brought no program for ${process.platform} on ${process.arch}`,
    {
      code: 'agent',
      hint: 'the registry may lack that part of it, or it came with another hash than it should',
    },
  );
}

/** A part that the registry could not give shows here and not in the middle of a run. */
async function tryProgram(staging: string, wanted: WantedCli, { env, signal }: Installation): Promise<void> {
  const home = join(staging, '.home');
  await mkdir(home);
  const result = await spawnProcess({
    command: [join(staging, 'bin', wanted.cli.program), '--version'],
    cwd: home,
    env: childEnvironment({ HOME: home }, env),
    deadlineMs: limits.cliVersionMs,
    outputBytesMax: 16 * 1024,
    ...(signal ? { signal } : {}),
  });
  await rm(home, { recursive: true, force: true });
  if (result.exitCode === 0) return;
  const said = (result.stderr.trim() || result.stdout.trim()).slice(-1_000);
  throw new GumpError(
    `${titleOf(wanted)} was not installed: \`${wanted.cli.program} --version\` ended with ${result.timedOut ? 'no answer' : `exit code ${result.exitCode}`}: ${said}`,
    {
      code: 'agent',
      hint: 'look whether this version runs on this machine, and on the Node that is first on PATH',
    },
  );
}

/** Whoever is first has the place; what another job has put there meanwhile is as good. */
async function putInPlace(staging: string, entry: string, wanted: WantedCli): Promise<void> {
  if (existsSync(entry) && !(await isWhole(entry, wanted))) {
    const aside = `${staging}-damaged`;
    await rename(entry, aside).catch(() => undefined);
    await rm(aside, { recursive: true, force: true });
  }
  try {
    await rename(staging, entry);
  } catch (error) {
    if (!(await isWhole(entry, wanted))) throw error;
  }
}
