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
  /** The user's own `[validation]`. */
  readonly validation?: Validation;
}

export interface Judged extends GateResult {
  /** The attempt's files behind the gate: those that it had changed and those of the base. */
  readonly after: Readonly<Record<string, string | null>>;
}

/** Makes the tree, judges it and takes it away again. */
export async function judge({
  kind,
  base,
  attempt = {},
  argument,
  order,
  validation = {},
}: Case): Promise<Judged> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'gump-gate-'));
  try {
    const tree = { ...base, ...attempt };
    await lay(cwd, tree);
    const runner = createGateRunner({
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' },
      validation,
    });
    const result = await runner.run({
      gate: {
        name: kind,
        short: null,
        kind,
        argument: argument ?? null,
        inputs: {},
        at: { file: 'w.yaml', line: 1, column: 1 },
      },
      argument: argument ?? null,
      cwd,
      commit: 'attempt',
      base: 'base',
      files: Object.keys(attempt).sort(),
      tasks: null,
      readBase: (file) => Promise.resolve(base[file] ?? null),
      changed: () => Promise.resolve(Object.keys(attempt).sort()),
      signal: new AbortController().signal,
      ...order,
    });
    return { ...result, after: await texts(cwd, Object.keys(tree)) };
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

async function lay(cwd: string, files: Files): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    if (text === null) continue;
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
