import { describe, expect, it } from 'vitest';
import { play, recordings } from './recorded.ts';

/** Qwen's recordings end where it starts a command: what a command prints is left out of them. */
const cut = ['qwen write', 'qwen cancel'];
const of = (scenario: string) =>
  recordings.filter((one) => one[1] === scenario && !cut.includes(one.join(' '))).map(([agent]) => agent);

describe('recorded conversations of ACP agents', () => {
  it('are those of nine agents', () => {
    expect(new Set(recordings.map(([agent]) => agent)).size).toBe(9);
  });

  it.each(of('write'))('%s writes a file, changes it and says so', async (agent) => {
    const { told, events, answers } = await play(agent, 'write');
    expect(told.report).toEqual({ ok: true });
    expect(told.text).toContain('Finished: hello.txt is written.');
    expect(told.sessionId).not.toBeNull();
    expect(answers.every((kind) => kind === 'allow_once')).toBe(true);
    const written = events.flatMap((event) => (event.type === 'write' && !event.denied ? [event.path] : []));
    expect(written.some((path) => path.endsWith('hello.txt'))).toBe(true);
  });

  it.each(of('reject'))('%s is refused what it asks for in a step that may not write', async (agent) => {
    const { events, answers } = await play(agent, 'reject', { access: 'read-only' });
    const denied = events.flatMap((event) => (event.type === 'write' && event.denied ? [event.path] : []));
    // pi asks for nothing: only a sandbox holds it.
    expect(denied.includes('hello.txt')).toBe(agent !== 'pi');
    expect(answers.every((kind) => kind === 'reject_once')).toBe(true);
  });

  it.each(of('reject'))("%s is refused what lies outside of the task's files", async (agent) => {
    const { events } = await play(agent, 'reject', { mayWrite: (path) => path.startsWith('src/') });
    const denied = events.flatMap((event) => (event.type === 'write' && event.denied ? [event.path] : []));
    expect(denied.includes('hello.txt')).toBe(agent !== 'pi');
  });

  it.each(of('load'))('%s goes on in its session, whose old words are not told again', async (agent) => {
    const { told, events } = await play(agent, 'load');
    expect(told.report).toEqual({ ok: true });
    expect(events.filter(({ type }) => type === 'notice')).toEqual([]);
    expect(told.text).not.toContain('Finished');
  });

  it.each(of('cancel'))('%s that was cancelled has not succeeded', async (agent) => {
    expect((await play(agent, 'cancel')).told.report).toEqual({ ok: false, error: 'it stopped: cancelled' });
  });

  it.each(cut)('a conversation that ends in the middle (%s) is no success', async (one) => {
    const [agent = '', scenario = ''] = one.split(' ');
    expect((await play(agent, scenario)).told.report).toBeNull();
  });

  // Copilot and Codex end their turn as if all were well, with the error as what they say.
  it.each(recordings.filter(([, scenario]) => scenario.startsWith('err-')))(
    '%s does not succeed in %s',
    async (agent, scenario) => {
      const { told } = await play(agent, scenario);
      expect(told.report?.ok ?? false).toBe(false);
    },
  );
});
