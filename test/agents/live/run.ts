/** One workflow with one real CLI against the scripted model server: `gump run` as a person would start it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import type { Event, EventOf, EventType } from '../../../src/events/event.ts';
import { type ModelRequest, startMockModel } from '../../fixtures/agents/model-server.mjs';
import { foundProgram, type LiveCli, programOf } from './catalog.ts';

const entry = resolve(import.meta.dirname, '../../../src/cli/main.ts');

export interface LiveOrder {
  readonly cli: LiveCli;
  /** The steps of the workflow, as YAML. */
  readonly steps: string;
  /** The model server's script. */
  readonly script: object;
  /** A long prompt, as the file `prompt.md` beside the workflow. */
  readonly promptFile?: string;
  /** Ends gump by this signal once the model has been asked so often. */
  readonly stop?: { readonly signal: NodeJS.Signals; readonly afterCalls: number };
}

export interface LiveResult {
  readonly exitCode: number | null;
  readonly events: readonly Event[];
  readonly calls: readonly ModelRequest[];
  readonly output: string;
  /** Text of hello.txt at the run's result; null where it is not there. */
  readonly hello: string | null;
  /** All files of the run's result. */
  readonly files: readonly string[];
  /** Processes that are left of it. */
  readonly survivors: readonly string[];
  /** Places where the key was found that must not be there. */
  readonly leaks: readonly string[];
  readonly seconds: number;
}

export async function runLive(order: LiveOrder): Promise<LiveResult> {
  // Codex refuses to work with its settings below the folder for temporary files.
  const cache = join(homedir(), '.cache', 'gump', 'live');
  mkdirSync(cache, { recursive: true });
  const top = mkdtempSync(join(cache, 'run-'));
  const repository = await createRepository(top, order);
  // Some take absolute paths only, and the tree has a name once the run has one.
  // The key that only the gateway may know; another one for each run, for several may be under way.
  const key = `live-key-${randomBytes(12).toString('hex')}`;
  const server = await startMockModel({ script: order.script, cwd: () => treeOf(repository) });
  const startedAt = performance.now();
  try {
    const child = start(top, repository, { order, url: server.url, key });
    const watching = new AbortController();
    const leaked = watchForKey(key, watching.signal);
    if (order.stop) void stopLater(child, server.requests, order.stop);
    const { output, exitCode } = await ended(child);
    const seconds = (performance.now() - startedAt) / 1000;
    const survivors = await processesOf(top);
    watching.abort();
    const events = eventsOf(repository);
    return {
      exitCode,
      events,
      calls: [...server.requests],
      output,
      hello: await fileAt(repository, events, 'hello.txt'),
      files: await filesAt(repository, events),
      survivors,
      leaks: [...(await leaked), ...(await filesWithKey(top, key))],
      seconds,
    };
  } finally {
    await server.close();
    rmSync(top, { recursive: true, force: true });
  }
}

async function createRepository(top: string, { steps, promptFile, cli }: LiveOrder): Promise<string> {
  const repository = join(top, 'repository');
  mkdirSync(join(top, 'bin'));
  symlinkSync(foundProgram(cli) ?? programOf(cli), join(top, 'bin', cli.program));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  };
  put('README.md', '# A project\n');
  put(
    '.gump/workflows/live.yaml',
    `name: live\nmax_budget: 20.00\nsteps:\n${steps.replaceAll('AGENT', cli.agent)}`,
  );
  if (promptFile !== undefined) put('.gump/workflows/prompt.md', promptFile);
  writeFileSync(join(top, 'spec.md'), 'Write hello.txt.\n');
  const git = (...args: string[]) => execa('git', args, { cwd: repository });
  await git('init', '-q', '-b', 'main');
  await git('add', '-A');
  await git('-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '-qm', 'first');
  return repository;
}

function start(
  top: string,
  repository: string,
  { order, url, key }: { readonly order: LiveOrder; readonly url: string; readonly key: string },
): ChildProcess {
  const { family } = order.cli;
  const env = {
    PATH: `${join(top, 'bin')}:${process.env.PATH}`,
    HOME: join(top, 'home'),
    LANG: 'C.UTF-8',
    ...(family === 'claude' ? { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: url } : {}),
    ...(family === 'gemini' ? { GEMINI_API_KEY: key, GOOGLE_GEMINI_BASE_URL: url } : {}),
    ...(family === 'qwen' ? { QWEN_API_KEY: key, QWEN_BASE_URL: url } : {}),
    OPENAI_API_KEY: key,
    OPENAI_BASE_URL: url,
  };
  const args = [entry, 'run', 'live', '--spec', join(top, 'spec.md'), '--repo', repository];
  return spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

function ended(child: ChildProcess): Promise<{ output: string; exitCode: number | null }> {
  const parts: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => parts.push(part));
  return new Promise((done) => {
    child.once('close', (exitCode) => done({ output: Buffer.concat(parts).toString(), exitCode }));
  });
}

async function stopLater(
  child: ChildProcess,
  requests: readonly ModelRequest[],
  { signal, afterCalls }: NonNullable<LiveOrder['stop']>,
): Promise<void> {
  while (requests.length < afterCalls && child.exitCode === null) await pause(50);
  // Its tool needs a moment to be started.
  await pause(2000);
  child.kill(signal);
}

function runFolder(repository: string): string | undefined {
  const runs = join(repository, '.gump/runs');
  const run = existsSync(runs) ? readdirSync(runs).find((name) => /^\d/.test(name)) : undefined;
  return run && join(runs, run);
}

function treeOf(repository: string): string | undefined {
  const folder = runFolder(repository);
  return folder && join(folder, 'trees/run');
}

function eventsOf(repository: string): readonly Event[] {
  const folder = runFolder(repository);
  if (folder === undefined) return [];
  const text = readFileSync(join(folder, 'manifest.ndjson'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

async function fileAt(repository: string, events: readonly Event[], path: string): Promise<string | null> {
  const commit = of(events, 'step_completed').at(-1)?.commit;
  if (!commit) return null;
  const shown = await execa('git', ['show', `${commit}:${path}`], { cwd: repository, reject: false });
  return shown.exitCode === 0 ? `${shown.stdout}\n` : null;
}

async function filesAt(repository: string, events: readonly Event[]): Promise<readonly string[]> {
  const commit = of(events, 'step_completed').at(-1)?.commit;
  if (!commit) return [];
  const { stdout } = await execa('git', ['ls-tree', '-r', '--name-only', commit], { cwd: repository });
  return stdout.split('\n');
}

export function of<T extends EventType>(events: readonly Event[], type: T): readonly EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Processes whose environment or arguments name the run's folder. */
async function processesOf(top: string): Promise<readonly string[]> {
  await pause(500);
  return processes((text) => text.includes(top));
}

function processes(matches: (text: string, file: string) => boolean): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const cmdline = read(`/proc/${pid}/cmdline`);
      const found = matches(read(`/proc/${pid}/environ`), 'environ') || matches(cmdline, 'cmdline');
      return found ? [`${pid} ${cmdline.replaceAll('\0', ' ').slice(0, 120)}`] : [];
    });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The process has ended, or is somebody else's.
    return '';
  }
}

/** Looks again and again whether a process other than gump itself holds the key. */
async function watchForKey(key: string, signal: AbortSignal): Promise<readonly string[]> {
  const found = new Set<string>();
  while (!signal.aborted) {
    for (const one of processes((text) => text.includes(key))) {
      // Gump itself was given it: it is the gateway.
      if (!one.includes(entry)) found.add(`process ${one}`);
    }
    await pause(100);
  }
  return [...found];
}

async function filesWithKey(top: string, key: string): Promise<readonly string[]> {
  const { stdout } = await execa('grep', ['-rlaF', '-f', '-', top], { input: key, reject: false });
  return stdout === '' ? [] : stdout.split('\n');
}
