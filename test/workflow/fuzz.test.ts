/** A fuzzer of broken workflow files. `GUMP_FUZZ_SECONDS=600` runs longer, `GUMP_FUZZ_SEED=N` repeats what a failure names. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { batchOf } from './fuzz-child.ts';

const seconds = Number(process.env.GUMP_FUZZ_SECONDS ?? 5);
const seed = Number(process.env.GUMP_FUZZ_SEED ?? Math.floor(Math.random() * 1e9));
/** No file may take longer, on however slow a machine. */
const deadlineMs = 30_000;
/** What the program has loaded before the first file (about 50 MB), and 200 MB for the files. */
const heapMegabytesMax = 250;

interface Fuzzed {
  readonly end: string;
  /** The last line that the child wrote: a file's batch and index, or `done` and how many there were. */
  readonly last: string;
  readonly stderr: string;
}

function fuzz(): Promise<Fuzzed> {
  const program = join(import.meta.dirname, 'fuzz-child.ts');
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${heapMegabytesMax}`, program, String(seed), String(seconds)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  return new Promise((resolve, reject) => {
    let last = '';
    let stderr = '';
    let end = '';
    const stop = () => {
      end = `hung for ${deadlineMs / 1000} s`;
      child.kill('SIGKILL');
    };
    let watch = setTimeout(stop, deadlineMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      clearTimeout(watch);
      watch = setTimeout(stop, deadlineMs);
      last = text.trimEnd().split('\n').at(-1) ?? last;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4_000);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(watch);
      resolve({ end: end || (code === 0 ? 'done' : `ended with ${signal ?? code}`), last, stderr });
    });
  });
}

/** The file that a line of the child names, for the message of a failure. */
function fileOf(line: string): string {
  const [batch, index] = line.split(' ').map(Number);
  const text = Number.isNaN(batch) ? '' : (batchOf(batch ?? 0)[index ?? 0] ?? '');
  return `${text.length} characters: ${JSON.stringify(text.slice(0, 2_000))}`;
}

test('broken workflow files never throw, never hang and never take 200 MB', {
  timeout: (seconds + 120) * 1000,
}, async () => {
  const { end, last, stderr } = await fuzz();
  if (end !== 'done')
    throw new Error(`${end} at \`GUMP_FUZZ_SEED=${last.split(' ')[0]}\`, ${fileOf(last)}\n${stderr}`);
  const count = Number(last.replace('done ', ''));
  console.log(`${count} broken files in ${seconds} s, seed ${seed}`);
  expect(count).toBeGreaterThan(50);
});
