/** `npm run demo`: a local GitHub, the App and a runner; an issue becomes a reviewed pull request before your eyes. */
import { parseArgs } from 'node:util';
import { writeResults } from './demo/results.ts';
import { playStory } from './demo/story.ts';
import { openTown } from './demo/town.ts';

const usage = `Usage: npm run demo [-- --once] [--out DIR] [--port N]

  --once     end when the run has ended; exit code 0 only if it passed
  --out DIR  write trace.txt, manifest.ndjson and github.json there
  --port N   the port of the pages (default: any free one)

Example: npm run demo -- --once --out /tmp/demo`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (options === null) return 2;
  const town = await openTown({ port: options.port });
  const stopped = new Promise<'stopped'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('stopped'));
  });
  try {
    const story = await Promise.race([playStory(town, (line) => console.log(line)), stopped]);
    if (story === 'stopped') return 130;
    if (options.out !== null) await writeResults(town, story, options.out);
    for (const [name, address] of Object.entries(story.pages)) console.log(`${name.padEnd(14)} ${address}`);
    for (const violation of town.standin.violations) console.error(`violation: ${violation}`);
    const passed = story.passed && town.standin.violations.length === 0;
    if (options.once) return passed ? 0 : 1;
    console.log('\nThe pages are served until Ctrl-C.');
    await stopped;
    return passed ? 0 : 1;
  } finally {
    await town.close();
  }
}

interface Options {
  readonly once: boolean;
  readonly out: string | null;
  readonly port: number;
}

function readOptions(): Options | null {
  try {
    const { values } = parseArgs({
      options: {
        once: { type: 'boolean' },
        out: { type: 'string' },
        port: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    const port = Number(values.port ?? '0');
    if (values.help || !Number.isInteger(port) || port < 0 || port > 65_535) {
      console.log(usage);
      return null;
    }
    return { once: values.once ?? false, out: values.out ?? null, port };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return null;
  }
}
