/** Recorded runs of the real CLIs (test/fixtures/agents): what they printed, how they ended, what a person found in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cli, Happening, Told } from '../../src/agents/cli.ts';
import { whyFailed } from '../../src/agents/cli-end.ts';
import { isWanted, readLine } from '../../src/agents/cli-line.ts';

const folder = join(import.meta.dirname, '../fixtures/agents');

export interface Recorded {
  readonly scenario: string;
  readonly lines: readonly string[];
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What was found in the stream when it was recorded. */
  readonly read: {
    readonly session?: string;
    readonly files?: readonly string[];
    readonly text?: string;
    readonly error?: string;
    readonly usage?: { readonly input?: number; readonly cacheRead?: number; readonly output?: number };
  };
  readonly calls: number;
}

export function scenariosOf(family: string): readonly string[] {
  return readdirSync(join(folder, family))
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => name.slice(0, -'.ndjson'.length));
}

export function recorded(family: string, scenario: string): Recorded {
  const text = (ending: string) => readFileSync(join(folder, family, `${scenario}${ending}`), 'utf8');
  const meta = JSON.parse(text('.meta.json'));
  return {
    scenario,
    lines: text('.ndjson').split('\n'),
    stderr: text('.stderr.txt'),
    exitCode: meta.exitCode,
    signal: meta.signal,
    read: meta.read ?? {},
    calls: meta.modelCalls,
  };
}

export interface Replayed {
  readonly told: Told;
  readonly happened: readonly Happening[];
  /** Null: it succeeded. */
  readonly why: string | null;
}

export function replay(cli: Cli, { lines, stderr, exitCode, signal }: Recorded): Replayed {
  const reader = cli.reader();
  const happened: Happening[] = [];
  let problem: string | null = null;
  for (const text of lines) {
    if (text.trim() === '' || !isWanted(reader, Buffer.from(text))) continue;
    const line = readLine(text);
    if ('problem' in line) problem ??= line.problem;
    else happened.push(...reader.read(line.value));
  }
  const ended = { aborted: false, signal, exitCode, stderr };
  const told = reader.told();
  return { told, happened, why: whyFailed({ told, ended, problem }) };
}
