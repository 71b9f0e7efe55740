/** How fast the streams of agent CLIs are read, from bytes to events, beside nothing but JSON.parse of their lines. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Cli } from '../../src/agents/cli.ts';
import { createEar } from '../../src/agents/cli-ear.ts';
import { clis } from '../../src/agents/clis.ts';
import { noCliTokens } from '../../src/agents/tokens.ts';
import { limits } from '../../src/limits.ts';
import { createCapture } from '../../src/process/capture.ts';
import { createReader } from '../../src/process/reader.ts';
import { type Figure, median } from './figure.ts';

const pieceBytes = 64 * 1024;
const transcriptBytes = 64 * 1024 * 1024;
const rounds = 3;
const recordings = join(import.meta.dirname, '../fixtures/agents');

/** In recordings the texts of tools and answers are a line; in real runs they are files, test output and diffs. */
const lengths = { 'as recorded': 0, 'texts of 4 kB': 4_000 } as const;

export async function transcriptFigures(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const cli of clis.filter(({ family }) => family !== 'cursor'))
    for (const [name, characters] of Object.entries(lengths))
      figures.push(await figureOf(cli, { name, characters }));
  return figures;
}

interface Kind {
  readonly name: string;
  readonly characters: number;
}

async function figureOf(cli: Cli, { name, characters }: Kind): Promise<Figure> {
  const lines = transcriptOf(cli.family, characters);
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await readMs(cli, bytes));
    bare.push(parseMs(lines));
  }
  const speed = (times: readonly number[]) => (bytes.length / 1e6 / median(times)) * 1_000;
  return {
    name: `stream of ${cli.family}, ${name}`,
    value: speed(ours),
    unit: 'MB/s',
    baseline: { name: 'JSON.parse of each line', value: speed(bare) },
    note: `goal 300 MB/s; lines of ${Math.round(bytes.length / lines.length)} bytes`,
  };
}

/** A recorded run again and again. */
function transcriptOf(family: string, characters: number): readonly string[] {
  const recorded = readFileSync(join(recordings, family, 'write.ndjson'), 'utf8')
    .trimEnd()
    .split('\n');
  const once = characters === 0 ? recorded : recorded.map((line) => stretched(line, characters));
  const bytes = once.reduce((sum, line) => sum + line.length + 1, 0);
  return Array.from({ length: Math.ceil(transcriptBytes / bytes) }, () => once).flat();
}

const stretching = /^(content|text|output|stdout|aggregated_output|result|newText|detailedContent)$/;

/** The line with source code in place of each text of a tool or an answer. */
function stretched(line: string, characters: number): string {
  const code = 'if (line === "\\n") {\n\treturn [first, "second"];\n}\n';
  const long = code.repeat(Math.ceil(characters / code.length));
  return JSON.stringify(
    JSON.parse(line, (key, value) => (typeof value === 'string' && stretching.test(key) ? long : value)),
  );
}

/** As the adapter reads a program's output, in pieces as a pipe gives them. */
async function readMs(cli: Cli, bytes: Buffer): Promise<number> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) =>
    bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
  const ear = createEar({
    ...{ reader: cli.reader(), before: noCliTokens },
    ...{ priceOf: () => null, onEvent: () => undefined },
  });
  const startMs = performance.now();
  const reader = createReader({
    ...{ stream: Readable.from(pieces), capture: createCapture(limits.outputBytesMax) },
    ...{ onLine: ear.hear, wantsLine: ear.wants },
    onError: ({ error }) => {
      throw error;
    },
  });
  await reader.done;
  if (ear.problem() !== null) throw new Error(`the stream of ${cli.family}: ${ear.problem()}`);
  return performance.now() - startMs;
}

function parseMs(lines: readonly string[]): number {
  const startMs = performance.now();
  for (const line of lines) JSON.parse(line);
  return performance.now() - startMs;
}
