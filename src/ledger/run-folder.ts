/** The folder of a run, `.gump/runs/<run>/`, and the list of all of them. */
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { GumpError } from '../errors.ts';
import { endingOf, type RunEnding } from '../events/ending.ts';
import type { Event } from '../events/event.ts';
import { limits } from '../limits.ts';
import { realDisk, systemCode, writeAll, writeDurably } from './disk.ts';
import { readManifest } from './file.ts';
import { engineIn } from './lock.ts';

const specName = 'spec.md';
const snapshotName = 'workflow-snapshot.yaml';
const indexName = 'index.ndjson';

export interface NewRun {
  /** The repository's folder. */
  readonly root: string;
  /** The run's id: letters, digits, `.`, `_`, `-`. */
  readonly run: string;
  readonly workflow: string;
  /** ISO 8601, UTC, for the index. */
  readonly ts: string;
  readonly spec: string;
  /** The workflow with every called workflow and prompt file. */
  readonly snapshot: string;
}

/**
 * Makes the run's folder with spec and workflow, durable on return, and gives its path.
 * @throws GumpError `ledger` when the run exists, when its id is no file name, or when the disk says no.
 */
export async function createRunFolder({ root, run, workflow, ts, spec, snapshot }: NewRun): Promise<string> {
  const runs = await makeRunsFolder(root);
  const folder = join(runs, checkRun(run));
  try {
    if (!(await realDisk.makeFolder(folder))) {
      throw new GumpError(`The run ${run} was not created: ${folder} is already there.`, {
        code: 'ledger',
        hint: `Resume it with \`gump run --resume --run ${run}\`, or start a run with another id.`,
      });
    }
    await realDisk.syncFolder(runs);
    for (const [name, text] of [
      [specName, spec],
      [snapshotName, snapshot],
    ] as const) {
      await writeDurably(realDisk, { folder, name, temp: join(folder, `.new-${name}`) }, text);
    }
    await appendIndex(runs, { run, workflow, ts });
    return folder;
  } catch (error) {
    throw asLedgerError(error, `The run ${run} was not created in ${runs}`);
  }
}

/** The path of a run's folder, whether it is there or not. @throws GumpError `ledger` when the id is no file name. */
export function runFolder(root: string, run: string): string {
  return join(root, '.gump', 'runs', checkRun(run));
}

export interface RunListing {
  readonly run: string;
  readonly folder: string;
  /** Empty where neither ledger nor index tell. */
  readonly workflow: string;
  /** ISO 8601; null where neither ledger nor index tell. */
  readonly startedAt: string | null;
  readonly status: RunEnding;
  /** False where it was lost before its first event, and where its ledger cannot be read. */
  readonly begun: boolean;
  /** The process that works on it just now; null where none does. */
  readonly engine: { readonly pid: number; readonly host: string } | null;
  /** Why its ledger cannot be read; null where it can. */
  readonly problem: string | null;
}

/** The runs of a repository, newest first; empty where there are none. Ledgers that cannot be read are listed as such. */
export function listRuns(root: string): Promise<readonly RunListing[]> {
  return lookThroughRuns(root, () => null);
}

/** The same, with what `look` sees in each ledger; null where it cannot be read. */
export async function lookThroughRuns<T>(
  root: string,
  look: (events: readonly Event[]) => T,
): Promise<readonly (RunListing & { readonly seen: T | null })[]> {
  const runs = join(root, '.gump', 'runs');
  const index = await readIndex(runs);
  const listings: (RunListing & { readonly seen: T | null })[] = [];
  for (const run of await runNames(runs)) {
    listings.push(await listRun({ folder: join(runs, run), run, entry: index.get(run) }, look));
  }
  return listings.sort(newestFirst);
}

export interface RunRecord {
  readonly folder: string;
  readonly events: readonly Event[];
  /** A torn last line that was left out; null where there is none. */
  readonly dropped: string | null;
  /** Null where the file is missing. */
  readonly spec: string | null;
  readonly snapshot: string | null;
}

/** What is kept of a run, without its lock. @throws GumpError `ledger` when there is no such run or a line is damaged. */
export async function readRunFolder(root: string, run: string): Promise<RunRecord> {
  const folder = runFolder(root, run);
  try {
    const names = await realDisk.list(folder);
    const { events, dropped } = await readManifest(folder);
    const read = async (name: string) =>
      names.includes(name) ? (await realDisk.read(join(folder, name))).toString('utf8') : null;
    return { folder, events, dropped, spec: await read(specName), snapshot: await read(snapshotName) };
  } catch (error) {
    if (!isMissing(error)) throw asLedgerError(error, `The run ${run} was not read from ${folder}`);
    throw new GumpError(`There is no run ${run} in ${join(root, '.gump', 'runs')}.`, {
      code: 'ledger',
      hint: '`gump status` lists the runs that there are.',
    });
  }
}

/** A link in the repository must not lead us to write elsewhere. */
async function makeRunsFolder(root: string): Promise<string> {
  const real = await realpath(root);
  let folder = root;
  for (const name of ['.gump', 'runs']) {
    folder = join(folder, name);
    await realDisk.makeFolder(folder).catch((error: unknown) => {
      throw asLedgerError(error, `The folder ${folder} was not made`);
    });
    if ((await realpath(folder)).startsWith(real.endsWith(sep) ? real : real + sep)) continue;
    throw new GumpError(`No run was created: ${folder} is a link that leads out of the repository.`, {
      code: 'ledger',
      hint: 'Replace the link by a folder.',
    });
  }
  return folder;
}

function checkRun(run: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(run) && run.length <= limits.nameCharactersMax) return run;
  throw new GumpError(`${JSON.stringify(run)} is no run: its id is letters, digits, ".", "_" and "-".`, {
    code: 'ledger',
    hint: '`gump status` lists the runs that there are.',
  });
}

interface IndexEntry {
  readonly run: string;
  readonly workflow: string;
  readonly ts: string;
}

async function appendIndex(runs: string, entry: IndexEntry): Promise<void> {
  const path = join(runs, indexName);
  const before = await realDisk.read(path).catch(() => Buffer.alloc(0));
  const torn = before.length > 0 && before.at(-1) !== 0x0a;
  const file = await realDisk.append(path);
  try {
    await writeAll(file, Buffer.from(`${torn ? '\n' : ''}${JSON.stringify(entry)}\n`));
    await file.sync();
  } finally {
    await file.close();
  }
  await realDisk.syncFolder(runs);
}

/** The index is a convenience: what cannot be read of it is left out. */
async function readIndex(runs: string): Promise<ReadonlyMap<string, IndexEntry>> {
  const bytes = await realDisk.read(join(runs, indexName)).catch(() => Buffer.alloc(0));
  const entries = bytes.toString('utf8').split('\n').flatMap(parseEntry);
  return new Map(entries.map((entry) => [entry.run, entry]));
}

function parseEntry(line: string): IndexEntry[] {
  try {
    const { run, workflow, ts } = Object(JSON.parse(line)) as Record<string, unknown>;
    const whole = typeof run === 'string' && typeof workflow === 'string' && typeof ts === 'string';
    return whole ? [{ run, workflow, ts }] : [];
  } catch {
    return [];
  }
}

async function runNames(runs: string): Promise<readonly string[]> {
  const names = await realDisk.list(runs).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw asLedgerError(error, `The runs in ${runs} were not listed`);
  });
  return names.filter((name) => name !== indexName && !name.startsWith('.'));
}

interface Listed {
  readonly folder: string;
  readonly run: string;
  readonly entry: IndexEntry | undefined;
}

async function listRun<T>({ folder, run, entry }: Listed, look: (events: readonly Event[]) => T) {
  const known = { run, folder, workflow: entry?.workflow ?? '', startedAt: entry?.ts ?? null };
  try {
    // Asked first: an engine that ends meanwhile has written its last word by then.
    const engine = await engineIn(folder);
    const { events } = await readManifest(folder);
    const started = events.find((event) => event.type === 'run_started');
    const told = started ? { workflow: started.workflow, startedAt: started.ts } : {};
    return {
      ...known,
      ...told,
      begun: started !== undefined,
      engine,
      status: endingOf(events),
      problem: null,
      seen: look(events),
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ...known, status: 'unfinished' as const, begun: false, engine: null, problem, seen: null };
  }
}

/** Runs of unknown age last; equal ages by id, so that the order is always the same. */
function newestFirst(a: RunListing, b: RunListing): number {
  const byTime = (b.startedAt ?? '').localeCompare(a.startedAt ?? '', 'en');
  return byTime !== 0 ? byTime : b.run.localeCompare(a.run, 'en', { numeric: true });
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemCode(error));
}

function asLedgerError(error: unknown, what: string): GumpError {
  if (error instanceof GumpError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new GumpError(`${what}: ${why}.`, {
    code: 'ledger',
    hint: 'See to that folder and disk.',
    cause: error,
  });
}
