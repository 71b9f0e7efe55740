/** A small real project for the gate tests: what the run's first commit holds, and what the attempt made of it. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGateRunner } from '../../src/gates/runner.ts';
import type { Validation } from '../../src/gates/validation.ts';
import type { GateOrder, GateResult } from '../../src/ports/gate.ts';
import type { GateKind } from '../../src/workflow/workflow.ts';

/** Path → text; null: the file is not there. */
export type Files = Readonly<Record<string, string | null>>;

export interface Case {
  readonly kind: GateKind;
  readonly base: Files;
  /** What the attempt changed. */
  readonly attempt?: Files;
  readonly argument?: string;
  readonly order?: Partial<GateOrder>;
  /** What happens in the tree before it is judged: an installation, for example. */
  readonly prepare?: (cwd: string) => void | Promise<void>;
  /** Folders of programs that come first. */
  readonly path?: readonly string[];
  /** The user's own `[validation]`. */
  readonly validation?: Validation;
}

export interface Judged extends GateResult {
  /** The attempt's files behind the gate: those that it had changed and those of the base. */
  readonly after: Readonly<Record<string, string | null>>;
}

/** Makes the tree, judges it and takes it away again. */
export async function judge(given: Case): Promise<Judged> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'gump-gate-'));
  try {
    const tree = { ...given.base, ...given.attempt };
    await lay(cwd, tree);
    await given.prepare?.(cwd);
    const result = await judgeIn(cwd, given);
    return { ...result, after: await texts(cwd, Object.keys(tree)) };
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

/** Judges a tree that stands already. */
export function judgeIn(cwd: string, given: Case): Promise<GateResult> {
  const { kind, base, attempt = {}, argument = null, validation = {} } = given;
  const folders = [...(given.path ?? []), process.env.PATH ?? ''].join(path.delimiter);
  const runner = createGateRunner({ env: { PATH: folders, HOME: process.env.HOME ?? '' }, validation });
  const at = { file: 'w.yaml', line: 1, column: 1 };
  const files = Object.keys(attempt).sort();
  return runner.run({
    gate: { name: kind, short: null, kind, argument, inputs: {}, at },
    argument,
    cwd,
    commit: 'attempt',
    base: 'base',
    files,
    tasks: null,
    readBase: (file) => Promise.resolve(base[file] ?? null),
    changed: () => Promise.resolve(files),
    signal: new AbortController().signal,
    ...given.order,
  });
}

/** Programs that `npm ci` brings for tests. */
export const ownPrograms = path.resolve(import.meta.dirname, '../../node_modules/.bin');

/** Writes the files; those that are null are taken away. */
export async function lay(cwd: string, files: Files): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    if (text === null) {
      await rm(path.join(cwd, file), { force: true });
      continue;
    }
    await mkdir(path.dirname(path.join(cwd, file)), { recursive: true });
    await writeFile(path.join(cwd, file), text);
  }
}

async function texts(cwd: string, files: readonly string[]): Promise<Record<string, string | null>> {
  const entries = files.map(async (file) => {
    return [file, await readFile(path.join(cwd, file), 'utf8').catch(() => null)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** A package.json with these scripts. */
export function manifest(scripts: Readonly<Record<string, string>>): string {
  return `${JSON.stringify({ name: 'sample', version: '1.2.3', type: 'module', scripts }, null, 2)}\n`;
}
