/** What the sandbox adds to the start of a command: the same one bare and enclosed, in turns. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnvironment } from '../../src/process/environment.ts';
import { spawnProcess } from '../../src/process/spawn.ts';
import { probe, sandboxIn } from '../process/bubblewrap.ts';
import { type Figure, median } from './figure.ts';

const rounds = 21;

/** Empty where this machine has no sandbox. */
export async function sandboxFigures(): Promise<readonly Figure[]> {
  if (!probe.usable) return [];
  const dir = mkdtempSync(join(tmpdir(), 'gump-bench-'));
  try {
    const cwd = join(dir, 'tree');
    mkdirSync(cwd);
    const errand = { cwd, access: 'read-write' } as const;
    const sandbox = sandboxIn(dir);
    const start = async (isEnclosed: boolean) => {
      const { exitCode, stderr, durationMs } = await spawnProcess({
        command: ['true'],
        ...{ cwd, env: childEnvironment(), outputBytesMax: 64 * 1024 },
        sandbox: isEnclosed ? sandbox.enclose(errand) : null,
      });
      if (exitCode !== 0) throw new Error(`The measured command failed: ${stderr}`);
      return durationMs;
    };
    const bare: number[] = [];
    const enclosed: number[] = [];
    for (let round = 0; round < rounds; round++) {
      bare.push(await start(false));
      enclosed.push(await start(true));
    }
    return [
      {
        name: 'a command in the sandbox',
        value: median(enclosed),
        unit: 'ms',
        baseline: { name: 'the same without', value: median(bare) },
        note: 'sweeping included',
      },
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
