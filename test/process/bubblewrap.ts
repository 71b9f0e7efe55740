/** The real sandbox for tests, and why there is none. */
import { join } from 'node:path';
import { createSandbox, type Errand, type Sandbox, type SandboxParts } from '../../src/process/enclosure.ts';
import { childEnvironment } from '../../src/process/environment.ts';
import { homeOf, readMachine } from '../../src/process/machine.ts';
import { programFiles } from '../../src/process/mounts.ts';
import { probeSandbox } from '../../src/process/probe.ts';
import type { Mount } from '../../src/process/sandbox.ts';
import { type ProcessOptions, type ProcessResult, spawnProcess } from '../../src/process/spawn.ts';

const machine = readMachine();
export const probe = await probeSandbox({ mounts: machine.mounts });

/** Behind the title of what is skipped: the reason. */
export const whySkipped = probe.usable ? '' : ` (skipped: ${probe.reason})`;

/** A sandbox whose home is `home` in the folder. @throws where there is none */
export function sandboxIn(
  folder: string,
  mounts: readonly Mount[] = [],
  paths: Partial<SandboxParts> = {},
): Sandbox {
  if (!probe.usable) throw new Error(probe.reason);
  const own = programFiles([process.execPath], homeOf());
  return createSandbox({
    ...probe,
    machine,
    mounts: [...own, ...mounts],
    home: join(folder, 'home'),
    ...paths,
  });
}

/** Runs a line of bash as an errand. */
export function runEnclosed(
  sandbox: Sandbox,
  line: string,
  { errand, ...options }: Partial<ProcessOptions> & { readonly errand: Errand },
): Promise<ProcessResult> {
  return spawnProcess({
    command: ['bash', '-c', line],
    cwd: errand.cwd,
    env: childEnvironment(),
    outputBytesMax: 64 * 1024,
    sandbox: sandbox.enclose(errand),
    ...options,
  });
}
