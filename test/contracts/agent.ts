/** What every agent's adapter must do, whatever program stands behind it. */
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentAdapter, AgentEvent, AgentOrder } from '../../src/ports/agent.ts';

/** What the program behind the adapter is to do. */
export type Behaviour =
  /** Writes `made.txt` into its directory, answers `done`, ends well. */
  | 'works'
  /** Ends by itself with exit code 3 and says why. */
  | 'fails'
  /** Is killed by a signal in the middle of its work. */
  | 'crashes'
  /** Writes `started`, starts a child that would write `late.txt` after a second, and never ends. */
  | 'hangs'
  /** Is no program at all. */
  | 'missing';

export function agentContract(name: string, adapterOf: (behaviour: Behaviour) => AgentAdapter): void {
  describe(`${name} keeps the contract of an agent`, () => {
    let dir: string;
    beforeEach(async () => {
      dir = await mkdtemp(path.join(tmpdir(), 'gump-agent-'));
    });
    afterEach(() => rm(dir, { recursive: true, force: true }));

    function order(more: Partial<AgentOrder> = {}): AgentOrder {
      return {
        agent: 'mine',
        step: 'build',
        attempt: 1,
        stepKind: 'code',
        session: { mode: 'new' },
        prompt: 'do it',
        promptAnew: 'do it',
        cwd: dir,
        access: 'read-write',
        scratch: dir,
        resultFile: path.join(dir, 'result.json'),
        signal: new AbortController().signal,
        ...more,
      };
    }

    async function launch(behaviour: Behaviour, more: Partial<AgentOrder> = {}) {
      const events: AgentEvent[] = [];
      let busy = false;
      const end = await adapterOf(behaviour).launch(order(more), async (event) => {
        expect(busy).toBe(false);
        busy = true;
        await sleep(2);
        busy = false;
        events.push(event);
      });
      return { end, events };
    }

    test('it works in the directory that it is given and ends with its answer', async () => {
      const { end } = await launch('works');
      expect(end).toMatchObject({ outcome: 'ok', exitCode: 0, output: 'done', error: null });
      expect(await readFile(path.join(dir, 'made.txt'), 'utf8')).toContain('made');
    });

    test('its events come one at a time, the first turn first, and its last usage is that of its end', async () => {
      const { end, events } = await launch('works');
      expect(events.find(({ type }) => type === 'turn')).toEqual({ type: 'turn', turn: 1 });
      const usage = events.findLast((event) => event.type === 'usage');
      expect(usage).toEqual({ type: 'usage', usage: end.usage });
      expect(end.usage.turns).toBe(1);
    });

    test('an exit code other than 0 is an error with its cause', async () => {
      const { end } = await launch('fails');
      expect(end).toMatchObject({ outcome: 'error', exitCode: 3 });
      expect(end.error).toMatch(/exit code 3|failed/);
    });

    test('a program that is killed is an error and never a success', async () => {
      const { end } = await launch('crashes');
      expect(end).toMatchObject({ outcome: 'error', exitCode: null });
      expect(end.error).toContain('SIGKILL');
    });

    test('an abort ends the program and everything that it started', async () => {
      const controller = new AbortController();
      const launched = launch('hangs', { signal: controller.signal });
      await appears(path.join(dir, 'started'));
      controller.abort();
      const { end } = await launched;
      expect(end).toMatchObject({ outcome: 'killed', error: expect.stringContaining('stopped') });
      await sleep(1_200);
      await expect(access(path.join(dir, 'late.txt'))).rejects.toThrow();
    });

    test('an abort before the start starts nothing', async () => {
      const { end } = await launch('works', { signal: AbortSignal.abort() });
      expect(end.outcome).toBe('killed');
      await expect(access(path.join(dir, 'made.txt'))).rejects.toThrow();
    });

    test('a program that cannot be started is thrown, with what to do', async () => {
      const error = await launch('missing').catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'agent', message: expect.stringContaining('was not started') });
    });

    test('a prompt of ten megabytes, with quotes, braces and NUL, arrives and is no argument', async () => {
      const prompt = `'"$(touch hacked)\`{x}\0${'x'.repeat(10 * 1024 * 1024)}`;
      const { end } = await launch('works', { prompt });
      expect(end.outcome).toBe('ok');
      await expect(access(path.join(dir, 'hacked'))).rejects.toThrow();
    });
  });
}

async function appears(file: string): Promise<void> {
  for (let tries = 0; tries < 1_000; tries++) {
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await sleep(10);
  }
  throw new Error(`${file} did not appear`);
}
