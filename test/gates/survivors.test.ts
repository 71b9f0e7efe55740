import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { endLostChildren } from '../../src/compose.ts';
import { createGateRunner } from '../../src/gates/runner.ts';

it.skipIf(process.platform !== 'linux')(
  'a gate that a killed engine left alive is found by the mark of its run',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'gump-gates-'));
    const env = { PATH: process.env.PATH ?? '', GUMP_RUN_FOLDER: dir };
    const at = { file: 'w.yaml', line: 1, column: 1 };
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    const judged = createGateRunner({ env, validation: {} }).run({
      gate: { name: 'bash', short: null, kind: 'bash', argument: 'sleep 60', inputs: {}, at },
      ...{ argument: 'sleep 60', cwd: dir, commit: 'a', base: 'b', files: [], tasks: null },
      readBase: async () => null,
      changed: async () => [],
      signal: new AbortController().signal,
    });
    judged.then(over, over);
    // Until the process is there and carries its environment, there is nothing to find.
    while (!isOver) {
      await endLostChildren(dir);
      await sleep(20);
    }
    expect((await judged).reason).toContain('was ended by SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  },
);
