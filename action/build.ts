/**
 * Bundles the Action into one readable file, `action/dist/index.js`.
 * `node action/build.ts` writes it, `node action/build.ts --check` exits with 1 where it is not up to date.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { rolldown } from 'rolldown';

const root = path.resolve(import.meta.dirname, '..');
const target = path.join(root, 'action/dist/index.js');

/** The bundle's text; the same sources and lockfile give the same bytes. */
export async function bundle(): Promise<string> {
  const build = await rolldown({
    cwd: root,
    input: 'action/main.ts',
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
    const [chunk, ...more] = output;
    if (more.length > 0)
      throw new Error(
        `The bundle has ${more.length} files too many: ${more.map((file) => file.fileName).join(', ')}`,
      );
    return chunk.code.replaceAll(root, '');
  } finally {
    await build.close();
  }
}

if (import.meta.main) {
  const code = await bundle();
  if (process.argv.includes('--check')) {
    const present = await readFile(target, 'utf8').catch(() => '');
    if (present !== code) {
      process.stderr.write(
        'action/dist/index.js is not up to date: run `node action/build.ts` and commit the result.\n',
      );
      process.exitCode = 1;
    }
  } else {
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, code);
    process.stdout.write(`action/dist/index.js: ${Math.round(code.length / 1024)} KiB\n`);
  }
}
