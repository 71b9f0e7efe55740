import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { createCapture } from '../../src/process/capture.ts';
import { createReader, drain } from '../../src/process/reader.ts';

it('what came while we were busy is read before a stream is given up', async () => {
  const child = spawn('sh', ['-c', 'sleep 0.1; echo late; exec sleep 9']);
  const capture = createCapture(1_000);
  const reader = createReader({
    stream: child.stdout,
    capture,
    onError: ({ error }) => expect(error).toBe(null),
  });
  const work = () => {
    for (const end = performance.now() + 450; performance.now() < end; );
  };
  // Behind the turn of the loop that reads: timers, late by now, come next.
  setTimeout(() => setImmediate(work), 30);
  await drain([reader]);
  child.kill('SIGKILL');
  expect(capture.text()).toBe('late\n');
});
