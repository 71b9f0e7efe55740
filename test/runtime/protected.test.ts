/** Protected paths on real trees: stopped before there is a commit, and a person is asked. */
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { protectedOnGithub } from '../../src/engine/protected.ts';
import { createGateRunner } from '../../src/gates/runner.ts';
import { removeTree } from '../../src/git/remove.ts';
import { openWorkspace } from '../../src/git/workspace.ts';
import { openMemoryLedger } from '../../src/ledger/memory.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { executeRun } from '../../src/runtime/run.ts';
import { only, planOf, startOf } from '../engine/given.ts';
import { createFixture, type Fixture } from '../git/repository.fixture.ts';
import { type Acting, fakeAgents, write } from './fakes.ts';

let user: Fixture;
beforeEach(() => {
  user = createFixture();
  user.write('readme.md', 'hello\n');
  user.write('gump.toml', '[budget]\nmax_budget = 1\n');
});
afterEach(() => user.remove());

type Answer = 'approve' | 'reject' | null;

async function runWith(act: Acting, answer: Answer) {
  const base = user.commit('base');
  const planned = planOf('  - {name: do, type: code, prompt: build, agent: claude, gate: [{bash: "true"}]}');
  const plan: Plan = { ...planned, base, settings: { ...planned.settings, protected: protectedOnGithub } };
  const dir = join(user.top, 'run');
  mkdirSync(dir);
  const workspace = await openWorkspace({ objects: user.gitDir, dir, resultRef: null, base });
  const ledger = openMemoryLedger();
  const asked: string[] = [];
  const ask = async (question: string): Promise<Answer> => {
    asked.push(question);
    return answer;
  };
  const state = await executeRun(
    {
      ledger,
      workspace,
      agents: fakeAgents(act),
      gates: createGateRunner({ env: { PATH: process.env.PATH ?? '', HOME: user.home }, validation: {} }),
      sinks: [],
      system: { now: () => new Date().toISOString(), redact: (text) => text, ask },
      shell: async () => ({ ok: false, stdout: '', reason: 'there is no shell' }),
      scratch: join(user.top, 'scratch'),
      clear: removeTree,
    },
    { plan, past: [], opening: [startOf(plan)], signal: new AbortController().signal },
  );
  await workspace.dispose();
  const events = await ledger.read();
  return { base, asked, events, state, ended: only(events, 'agent_completed') };
}

const raiseBudget: Acting = (order) => {
  write(order, 'gump.toml', '[budget]\nmax_budget = 9999\n');
  write(order, 'code.js', '1;\n');
  return undefined;
};

test('where nobody can answer the run waits, and no commit has any of the attempt', async () => {
  const { base, state, ended, events } = await runWith(raiseBudget, null);
  expect(state.status).toBe('paused');
  expect(ended).toMatchObject([{ commit: base, files: [], refused: ['gump.toml'] }]);
  expect(only(events, 'run_paused')[0]?.reason).toBe(
    'do waits for a person: it changed gump.toml, and nothing of the attempt was kept; a yes lets it try again',
  );
  expect(user.git('rev-list', '--all', '--objects')).not.toContain('code.js');
});

test('a yes is one attempt more, on the tree as it was, in which that path may be changed', async () => {
  const seen: boolean[] = [];
  const { state, ended, asked } = await runWith((order, tell) => {
    seen.push(existsSync(join(order.cwd, 'code.js')));
    return raiseBudget(order, tell);
  }, 'approve');
  expect(asked).toEqual(['do: protected paths (gump.toml), attempt 1. Approve?']);
  expect(seen).toEqual([false, false]);
  expect(ended.map(({ files }) => files)).toEqual([[], ['code.js', 'gump.toml']]);
  expect(state.status).toBe('pass');
});

test('a yes to one path is none to another', async () => {
  const { asked, state } = await runWith((order) => {
    write(order, order.attempt === 1 ? 'gump.toml' : 'CODEOWNERS', '* @me\n');
    return undefined;
  }, 'approve');
  expect(asked).toHaveLength(2);
  expect(state.status).toBe('pass');
});

test('a no ends the step', async () => {
  const { state, ended } = await runWith(raiseBudget, 'reject');
  expect([state.status, ended.length]).toEqual(['fail', 1]);
});

const detours: readonly (readonly [string, Acting])[] = [
  ['a link in the place of a folder', (order) => void symlinkSync('elsewhere', join(order.cwd, '.gump'))],
  [
    'a file moved there',
    (order) => {
      write(order, '.GitHub/Workflows/ci.yml', 'on: push\n');
      return undefined;
    },
  ],
];
test.each(detours)('%s is no way around', async (_, act) => {
  expect((await runWith(act, null)).state.status).toBe('paused');
});
