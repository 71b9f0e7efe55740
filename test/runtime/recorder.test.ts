import { expect, test } from 'vitest';
import { initialState } from '../../src/engine/state.ts';
import type { Fact } from '../../src/events/event.ts';
import { openMemoryLedger } from '../../src/ledger/memory.ts';
import type { Sink } from '../../src/ports/sink.ts';
import { createRedactor } from '../../src/process/redact.ts';
import { createRecorder, type Recorder } from '../../src/runtime/recorder.ts';

const system = {
  now: () => '2026-11-01T00:00:00.000Z',
  redact: (text: string) => text,
  ask: async () => null,
};
const sinkOf = (event: Sink['event']): Sink => ({
  name: 'test',
  open: () => undefined,
  event,
  close: async () => undefined,
});
const notice = (message: string) => ({ type: 'notice', message }) as const;

test('R3: a fact is redacted, then durable, then part of the state, then shown', async () => {
  const seen: string[] = [];
  const inner = openMemoryLedger();
  let recorder: Recorder | null = null;
  recorder = createRecorder({
    ledger: {
      ...inner,
      append: async (events) => {
        seen.push(
          `append ${JSON.stringify(events[0]).includes('secret') ? 'plain' : 'masked'}, state ${recorder?.state().seq}`,
        );
        await inner.append(events);
      },
    },
    sinks: [
      sinkOf(({ seq }) => {
        seen.push(
          `publish ${seq}, state ${recorder?.state().seq}, ledger ${inner.text().split('\n').length - 1}`,
        );
      }),
    ],
    system: { ...system, redact: (text) => text.replaceAll('secret', '***') },
    state: initialState,
  });
  await recorder.emit(notice('a secret'));
  expect(seen).toEqual(['append masked, state 0', 'publish 1, state 1, ledger 1']);
});

test('facts that depend on the state are decided when it is their turn, also behind others on their way', async () => {
  const ledger = openMemoryLedger();
  const recorder = createRecorder({ ledger, sinks: [], system, state: initialState });
  const onlyFirst = () => recorder.emitBy(({ seq }) => (seq === 0 ? [notice('first')] : []));
  await Promise.all([onlyFirst(), onlyFirst(), onlyFirst()]);
  expect(await ledger.read()).toHaveLength(1);
});

test('facts that are emitted at once are written in their order, numbered without holes', async () => {
  const ledger = openMemoryLedger();
  const recorder = createRecorder({ ledger, sinks: [], system, state: initialState });
  await Promise.all([recorder.emit(notice('a'), notice('b')), recorder.emit(notice('c')), recorder.emit()]);
  expect((await ledger.read()).map((event) => [event.seq, 'message' in event && event.message])).toEqual([
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ]);
});

/** The line that a fact becomes where these are secrets. */
async function lineOf(fact: Fact, ...secrets: readonly string[]): Promise<string> {
  const ledger = openMemoryLedger();
  const parts = {
    ledger,
    sinks: [],
    system: { ...system, redact: createRedactor(secrets) },
    state: initialState,
  };
  await createRecorder(parts).emit(fact);
  return ledger.text();
}

function tasksOf(name: string, description: string): Extract<Fact, { type: 'state_updated' }> {
  const tasks = [{ name, description, files: [`${name}.js`] }];
  const attempt = { step: 'decompose', attempt: 1, verdict: null, commit: null, error: null };
  return { type: 'state_updated', ...attempt, tasks };
}

test('secrets are masked at any depth of free text, and in no key', async () => {
  const line = await lineOf(tasksOf('greeting', 'the secret message'), 'message', 'secret', 'description');
  expect(line).toContain('"description":"the *** ***"');
  const verdict = { pass: false, comments: 'a secret', findings: [{ path: 'a.js', body: 'a secret' }] };
  expect(await lineOf({ ...tasksOf('a', ''), tasks: null, verdict }, 'secret')).not.toContain('secret');
  const overrides = { prompt: 'try secret' };
  const retry = { type: 'retry_triggered', step: 'a', attempt: 2, overrides, reason: 'secret' } as const;
  expect(await lineOf(retry, 'secret')).not.toContain('secret');
});

test('a variable that holds an ordinary word hides no step, task, path, id or type', async () => {
  const words = ['decompose', 'greeting', 'state_updated', 'implement', 'fail_fast'];
  const event = JSON.parse(await lineOf(tasksOf('greeting', 'say greeting'), ...words));
  expect(event).toMatchObject({ type: 'state_updated', step: 'decompose' });
  expect(event.tasks).toEqual([{ name: 'greeting', description: 'say ***', files: ['greeting.js'] }]);
});

test('a long secret does not get out through a name either', async () => {
  const token = 'ghs_0123456789abcdef';
  const event = JSON.parse(await lineOf(tasksOf(`a-${token}`, token), token));
  expect(event.tasks).toEqual([{ name: 'a-***', description: '***', files: ['a-***.js'] }]);
});

test('a ledger that failed once is not written again: what was lost cannot be followed by more', async () => {
  const inner = openMemoryLedger();
  let fail = true;
  const append: typeof inner.append = async (events) => {
    if (fail) {
      fail = false;
      throw new Error('disk full');
    }
    await inner.append(events);
  };
  const recorder = createRecorder({ ledger: { ...inner, append }, sinks: [], system, state: initialState });
  await expect(recorder.emit(notice('lost'))).rejects.toThrow('disk full');
  await expect(recorder.emit(notice('after'))).rejects.toThrow('disk full');
  expect(inner.text()).toBe('');
  expect(recorder.state()).toEqual(initialState);
});

test('a sink that throws hides nothing from the next', async () => {
  const shown: number[] = [];
  const bad = sinkOf(() => {
    throw new Error('broken');
  });
  const good = sinkOf(({ seq }) => shown.push(seq));
  const recorder = createRecorder({
    ledger: openMemoryLedger(),
    sinks: [bad, good],
    system,
    state: initialState,
  });
  await recorder.emit(notice('a'));
  expect(shown).toEqual([1]);
});
