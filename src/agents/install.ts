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
import { recordedHashes, titleOf, type WantedCli } from './cli-packages.ts';
import { fetchPackages, type NpmPlace, verify } from './npm-install.ts';
import { packagesIn } from './npm-lock.ts';

export interface Installation extends NpmPlace {
  /** Where entries are kept: a runner's tool cache. */
  readonly cache: string;
  readonly log: (line: string) => void;
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
    outputBytesMax: limits.cliOutputBytesMax,
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
