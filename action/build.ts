/**
 * Bundles the Action into one readable file, `action/dist/index.js`. What `main.ts` imports lazily is run lazily in it too.
 * `node action/build.ts` writes it, `node action/build.ts --check` exits with 1 where it is not up to date.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { rolldown } from 'rolldown';

const root = path.resolve(import.meta.dirname, '..');
const target = path.join(root, 'action/dist');

/** The bundle's texts by file name; the same sources and lockfile give the same bytes. */
export async function bundle(): Promise<ReadonlyMap<string, string>> {
  const build = await rolldown({
    cwd: root,
    input: { index: 'action/main.ts' },
    platform: 'node',
    // Packages of the toolkit pull in an HTTP client for what we never call; unused, it is left out.
    treeshake: { moduleSideEffects: (id) => !/node_modules\/(@actions|undici|tunnel)\//.test(id) },
    onLog(level, log, forward) {
      if (level === 'warn' && log.code === 'CIRCULAR_DEPENDENCY') return;
      forward(level, log);
    },
  });
  try {
    const { output } = await build.generate({
      format: 'esm',
      codeSplitting: false,
      minify: false,
      comments: { legal: true },
    });
    return new Map(output.map((file) => [file.fileName, textOf(file)]));
  } finally {
    await build.close();
  }
}

function textOf(file: { readonly type: string; readonly fileName: string; readonly code?: string }): string {
  if (file.code === undefined) throw new Error(`The bundle has a file that is no program: ${file.fileName}`);
  return file.code.replaceAll(root, '');
}

/** What stands in the folder, by file name; empty where there is none. */
async function readPresent(): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(target).catch(() => []);
  const texts = names.map(async (name) => [name, await readFile(path.join(target, name), 'utf8')] as const);
  return new Map(await Promise.all(texts));
}

async function check(files: ReadonlyMap<string, string>): Promise<void> {
  const present = await readPresent();
  const names = new Set([...files.keys(), ...present.keys()]);
  const stale = [...names].filter((name) => present.get(name) !== files.get(name));
  if (stale.length === 0) return;
  process.stderr.write(
    `action/dist is not up to date (${stale.join(', ')}): run \`node action/build.ts\` and commit the result.\n`,
  );
  process.exitCode = 1;
}

/** A run that has begun may still load from the folder: files are replaced one by one, what is left over goes last. */
async function write(files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(target, { recursive: true });
  const before = await readdir(target);
  for (const [name, text] of files) {
    await writeFile(path.join(target, name), text);
    process.stdout.write(`action/dist/${name}: ${Math.ceil(text.length / 1024)} KiB\n`);
  }
  for (const name of before) if (!files.has(name)) await rm(path.join(target, name));
}

// Not `import.meta.main`: behind the launcher of the npm scripts this file is imported.
if (process.argv[1] === import.meta.filename)
  await (process.argv.includes('--check') ? check : write)(await bundle());
