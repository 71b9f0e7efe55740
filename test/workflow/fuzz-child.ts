/**
 * Examines broken files until its time is over: `node fuzz-child.ts SEED SECONDS`. Before each one it says which it is, so that
 * whoever started it knows what hung or what filled the memory.
 */
import { writeSync } from 'node:fs';
import fc from 'fast-check';
import { brokenFile } from './broken.ts';
import { examine, examineSpelling } from './examine.ts';

const batchSize = 50;

/** The files of one batch; the same for the same seed. */
export function batchOf(seed: number): readonly string[] {
  return fc.sample(brokenFile, { seed, numRuns: batchSize });
}

function main(seed: number, seconds: number): void {
  const end = performance.now() + seconds * 1000;
  let count = 0;
  for (let batch = seed; performance.now() < end; batch++) {
    for (const [index, text] of batchOf(batch).entries()) {
      writeSync(1, `${batch} ${index}\n`);
      examine(text);
      examineSpelling(text);
      count++;
      if (performance.now() >= end) break;
    }
  }
  writeSync(1, `done ${count}\n`);
}

if (process.argv[1] === import.meta.filename) main(Number(process.argv[2]), Number(process.argv[3]));
