/** What `--out DIR` leaves behind: the trace, the ledger as it was pushed, and the whole state of the stand-in. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Story } from './story.ts';
import type { Town } from './town.ts';

export async function writeResults(town: Town, story: Story, out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'trace.txt'), `${story.trace.join('\n').trim()}\n`);
  await writeFile(join(out, 'manifest.ndjson'), await readLedger(town, story.runId));
  await writeFile(join(out, 'github.json'), `${JSON.stringify(await town.standin.dump(), null, 2)}\n`);
}

/** The ledger of a run from the ref that it was pushed to. */
export async function readLedger(town: Town, runId: string): Promise<string> {
  const args = [`--git-dir=${town.gitDir}`, 'cat-file', 'blob', `refs/gump/runs/${runId}:manifest.ndjson`];
  const { stdout } = await execa('git', args, { stripFinalNewline: false });
  return stdout;
}
