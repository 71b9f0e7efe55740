/** A program that floods behind the adapter of a CLI; prints how it ended and how much memory that took. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claude } from '../../src/agents/claude.ts';
import { launchCli } from './launch.ts';

const [script = ''] = process.argv.slice(2);
const dir = mkdtempSync(join(tmpdir(), 'gump-flood-'));
const program = join(dir, 'program');
writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
const beforeBytes = process.memoryUsage().rss;
let peakBytes = beforeBytes;
const watch = setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
}, 20);
try {
  const { end, events } = await launchCli({ cli: claude, program, dir });
  process.stdout.write(JSON.stringify({ end, events: events.length, grownBytes: peakBytes - beforeBytes }));
} finally {
  clearInterval(watch);
  rmSync(dir, { recursive: true, force: true });
}
