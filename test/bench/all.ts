/**
 * `npm run bench`: what the engine costs, each figure beside a baseline of the same run; `npm run bench -- --write` also
 * writes docs/benchmarks.md. Nothing is asserted here: machines differ, ratios less.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { engineFigures } from './engine.ts';
import { eventFigures } from './events.ts';
import { type Figure, tableOf } from './figure.ts';
import { gatewayFigures } from './gateway.ts';
import { requestFigures } from './requests.ts';
import { sandboxFigures } from './sandbox.ts';
import { sideBySideFigures } from './side-by-side.ts';
import { startupFigures } from './startup.ts';
import { transcriptFigures } from './transcripts.ts';
import { webhookFigures } from './webhooks.ts';
import { workflowFigures } from './workflow.ts';

const figures: Figure[] = [];
for (const measure of [
  startupFigures,
  sandboxFigures,
  engineFigures,
  sideBySideFigures,
  eventFigures,
  gatewayFigures,
  webhookFigures,
  transcriptFigures,
  workflowFigures,
  requestFigures,
])
  figures.push(...(await measure()));
const lines = tableOf(figures);
console.log(lines.join('\n'));
if (process.argv.includes('--write')) {
  const docs = join(import.meta.dirname, '../../docs');
  mkdirSync(docs, { recursive: true });
  writeFileSync(join(docs, 'benchmarks.md'), pageOf(lines));
}

function pageOf(table: readonly string[]): string {
  const month = new Date().toISOString().slice(0, 7);
  const cores =
    { 1: 'one core', 2: 'two cores' }[availableParallelism()] ?? `${availableParallelism()} cores`;
  return `# Benchmarks

Written by \`npm run bench -- --write\`, ${month}, on a machine with ${cores} and Node ${process.versions.node}.
Absolute figures vary by machine and by what else runs there; the ratios are what to look at.

${table.join('\n')}

- **Start**: the bundle in a runner's environment against the local GitHub of \`test/standin\`, a workflow of one step, a
  repository of a few files; the median of six. Git's time is that while at least one command ran, the local server's part of
  fetch and push in it; \`cat-file\`, which runs as long as the run, is left out.
- **Sandbox**: \`true\` as any command of a run is started, in bubblewrap and bare by turns, from its start until nothing of it is
  left; the median of 21 each.
- **Workflow**: a file of steps with a prompt that names the step before, two gates and a retry; \`test/workflow/speed.test.ts\`
  asserts that a step costs the same however many there are.
- **Engine**: a split with sequential tasks on a repository of 100 files, one attempt a task, each changing one file; agents
  of the same process that take no time, no gates, real git, a real ledger with fdatasync (which is in the engine's time).
  "Per attempt" is the wall time of the whole run less git's and the agents', by the number of attempts.
- **Side by side**: ten tasks of a parallel split at once, each the scripted agent's process that sleeps for two seconds; the
  wall time of the whole run less git's, the median of three. The processes' own starts are in it.
- **Stream**: 64 MB of a CLI's recorded stream from bytes to events, its texts as short as they were recorded, or as long as files
  are; the median of three. Lines that mean nothing to us are not decoded.
- **API requests**: ten tasks of two attempts against the local GitHub, the Action's own requests, git's not among them;
  \`test/github/outgoing/deliver.test.ts\` asserts that such runs stay below both figures.
- **Webhooks**: the App in a process of its own, told every payload that GitHub publishes, by signed requests over loopback that
  are sent at their time whether or not earlier ones were answered; the sender shares the machine.
- **Processes**: \`test/bench/counts.test.ts\` asserts them. A snapshot is four with a change and two without; looking whether a
  tree is as it was handed out, and moving the result's branch, are one more each.
`;
}
