import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createCliAgents } from '../../src/agents/cli-agents.ts';
import { clis } from '../../src/agents/clis.ts';
import type { AgentEvent, AgentOrder } from '../../src/ports/agent.ts';
import { type Play, startPlayer } from './player.ts';

const made: { close(): void }[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.close();
});

async function launch(play: Play, more: Partial<AgentOrder>) {
  const dir = mkdtempSync(join(tmpdir(), 'gump-cli-'));
  const player = startPlayer(play);
  made.push(player, { close: () => rmSync(dir, { recursive: true, force: true }) });
  const events: AgentEvent[] = [];
  const end = await player.adapter.launch(
    {
      ...{ agent: play.cli.family, step: 'do', attempt: 2, stepKind: 'code', access: 'read-write' },
      ...{ session: { mode: 'new' }, prompt: 'go on', promptAnew: 'the whole task', cwd: dir },
      ...{ scratch: dir, resultFile: join(dir, 'result.json'), signal: new AbortController().signal },
      ...more,
    },
    (event) => void events.push(event),
  );
  return { end, events, told: player.told() };
}

describe.each(clis.filter(({ family }) => family !== 'cursor').map((cli) => [cli.family, cli] as const))(
  '%s',
  (_, cli) => {
    const session = { mode: 'resume', id: '01234567-89ab-4def-8123-456789abcdef' } as const;

    it('that does not find its session begins a new one with the whole task, and says so', async () => {
      const { end, events, told } = await launch(
        { cli, scenario: 'write', resumed: 'resume-unknown' },
        { session },
      );
      expect(told).toEqual(['go on', 'the whole task']);
      expect(end).toMatchObject({ outcome: 'ok', output: 'Finished: hello.txt is written.' });
      expect(end.sessionId).not.toBe(session.id);
      expect(events.filter(({ type }) => type === 'session_lost')).toEqual([
        { type: 'session_lost', id: session.id },
      ]);
    });

    it('that finds it is told only how to go on', async () => {
      const { end, events, told } = await launch({ cli, scenario: 'write' }, { session });
      expect(told).toEqual(['go on']);
      expect(end.outcome).toBe('ok');
      expect(events.filter(({ type }) => type === 'session_lost')).toEqual([]);
    });
  },
);

it('counts of a continued session only what is new, though each launch has an adapter of its own', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'gump-cli-'));
  const codex = clis.find(({ family }) => family === 'codex');
  if (!codex) throw new Error('there is no codex');
  const player = startPlayer({ cli: codex, scenario: 'write' });
  made.push(player, { close: () => rmSync(dir, { recursive: true, force: true }) });
  const env = { PATH: process.env.PATH ?? '' };
  const agents = createCliAgents({
    own: {},
    upstreams: [],
    env,
    homeOf: (family) => join(dir, family),
    sandbox: null,
  });
  const launched = (session: AgentOrder['session']) =>
    agents.codex?.('codex', player.program).launch(
      {
        ...{ agent: 'codex', step: 'do', attempt: 1, stepKind: 'code', access: 'read-write', session },
        ...{ prompt: 'p', promptAnew: 'p', cwd: dir, scratch: dir, resultFile: join(dir, 'result.json') },
        signal: new AbortController().signal,
      },
      () => undefined,
    );
  const first = await launched({ mode: 'new' });
  expect(first?.usage.tokens_in).toBe(62_400);
  // The whole thread again, of which nothing is new.
  const again = await launched({ mode: 'resume', id: first?.sessionId ?? '' });
  expect(again?.usage).toMatchObject({ tokens_in: 0, tokens_out: 0 });
});
