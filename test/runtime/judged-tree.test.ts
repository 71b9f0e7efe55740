/** Runs on real git trees with real gates: what is judged is what the commit holds. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
});
afterEach(() => user.remove());

/** Status and events of a run whose steps have one gate each. */
async function runWith(act: Acting, gate = 'bash: node main.js', names: readonly string[] = ['do']) {
  const base = user.commit('base');
  const plan: Plan = {
    ...planOf(
      names
        .map((name) => `  - {name: ${name}, type: code, prompt: "build", agent: claude, gate: [{${gate}}]}\n`)
        .join(''),
    ),
    base,
  };
  const dir = join(user.top, 'run');
  mkdirSync(dir);
  const workspace = await openWorkspace({ objects: user.gitDir, dir, resultRef: null, base });
  const ledger = openMemoryLedger();
  const state = await executeRun(
    {
      ledger,
      workspace,
      agents: fakeAgents(act),
      gates: createGateRunner({ env: { PATH: process.env.PATH ?? '', HOME: user.home }, validation: {} }),
      sinks: [],
      system: { now: () => new Date().toISOString(), redact: (text) => text, ask: async () => null },
      shell: async () => ({ ok: false, stdout: '', reason: 'there is no shell' }),
      scratch: join(user.top, 'scratch'),
      clear: removeTree,
    },
    { plan, past: [], opening: [startOf(plan)], signal: new AbortController().signal },
  );
  await workspace.dispose();
  return { status: state.status, events: await ledger.read() };
}

const importing: Acting = (order) => {
  write(order, 'main.js', "require('./dep.js');\n");
  write(order, 'dep.js', '');
  return undefined;
};

test('R8: a run fails where its code needs a file that the attempt hid from the commit', async () => {
  user.write('readme.md', 'hello\n');
  const { status, events } = await runWith((order) => {
    write(order, '.gitignore', 'dep.js\n');
    return importing(order, async () => undefined);
  });
  expect(status).toBe('fail');
  const failed = events.find(({ type }) => type === 'gate_failed');
  expect(failed).toMatchObject({
    reason: expect.stringMatching(/^judged without dep\.js: [\s\S]*Cannot find module '\.\/dep\.js'/),
  });
});

test('the same run passes where the file is committed, and where the base ignored it already', async () => {
  user.write('readme.md', 'hello\n');
  expect((await runWith(importing)).status).toBe('pass');
  user.remove();
  user = createFixture();
  user.write('.gitignore', 'dep.js\n');
  expect((await runWith(importing)).status).toBe('pass');
});

test('the braces of a glob are no placeholder', async () => {
  user.write('readme.md', 'hello\n');
  const { status, events } = await runWith((order) => {
    write(order, '{spec}.js', '');
    return undefined;
  }, 'untouched: "{spec}.js"');
  expect(status).toBe('fail');
  expect(events.find(({ type }) => type === 'gate_failed')).toMatchObject({
    reason: '{spec}.js must stay untouched, but these files were changed: {spec}.js',
  });
});

test('what a gate leaves in the tree is never committed, not by a later step either', async () => {
  user.write('readme.md', 'hello\n');
  const { status, events } = await runWith(
    (order) => {
      write(order, `${order.step}.js`, 'made\n');
      return undefined;
    },
    'bash: mkdir -p out && echo junk > out/junk.bin && echo more >> readme.md',
    ['first', 'second'],
  );
  expect(status).toBe('pass');
  const [last] = only(events, 'agent_completed').toReversed();
  expect(
    user
      .git('ls-tree', '-r', '--name-only', last?.commit ?? '')
      .split('\n')
      .filter(Boolean),
  ).toEqual(['first.js', 'readme.md', 'second.js']);
  expect(user.git('show', `${last?.commit}:readme.md`)).toBe('hello');
});
