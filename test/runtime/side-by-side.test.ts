/** Branches side by side in real git trees: what each did, what became of it, and what stands on the run's branch. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fold } from '../../src/engine/evolve.ts';
import type { RunState } from '../../src/engine/state.ts';
import type { Event } from '../../src/events/event.ts';
import { createGateRunner } from '../../src/gates/runner.ts';
import { removeTree } from '../../src/git/remove.ts';
import { openWorkspace } from '../../src/git/workspace.ts';
import { openMemoryLedger } from '../../src/ledger/memory.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { executeRun } from '../../src/runtime/run.ts';
import { only, planOf, resumeOf, startOf, stepOf } from '../engine/given.ts';
import { createFixture, type Fixture } from '../git/repository.fixture.ts';
import { type Acting, fakeAgents, write } from './fakes.ts';

const ref = 'refs/heads/gump/run-1';
let user: Fixture;
let base: string;
beforeEach(() => {
  user = createFixture();
  user.write('shared.txt', 'one\ntwo\nthree\nfour\nfive\n');
  base = user.commit('base');
});
afterEach(() => user.remove());

/** A run that can be started, stopped and taken up again, each time by a new engine. */
function open(steps: string, act: Acting, settings = {}, validators = {}) {
  const plan: Plan = { ...planOf(steps, { settings, validators }), base };
  const ledger = openMemoryLedger();
  const dir = join(user.top, 'run');
  mkdirSync(dir);
  const engine = async (agents: Acting, signal: AbortSignal): Promise<RunState> => {
    const workspace = await openWorkspace({
      objects: user.gitDir,
      dir,
      resultRef: { gitDir: user.gitDir, ref },
      base,
    });
    const env = { PATH: process.env.PATH ?? '', HOME: user.home };
    const past = await ledger.read();
    try {
      return await executeRun(
        {
          ledger,
          workspace,
          agents: fakeAgents(agents),
          gates: createGateRunner({ env, validation: {} }),
          sinks: [],
          system: { now: () => new Date().toISOString(), redact: (text) => text, ask: async () => null },
          shell: async () => ({ ok: false, stdout: '', reason: 'there is no shell' }),
          scratch: join(user.top, 'scratch'),
          clear: removeTree,
        },
        { plan, past, opening: [past.length === 0 ? startOf(plan) : resumeOf(plan)], signal },
      );
    } finally {
      await workspace.dispose();
    }
  };
  return {
    run: (agents = act, signal = new AbortController().signal) => engine(agents, signal),
    events: () => ledger.read(),
  };
}

const files = () => user.git('ls-tree', '-r', '--name-only', ref).split('\n');
const textOf = (path: string) => user.git('show', `${ref}:${path}`);
const line = (from: string, to: string) => `one\ntwo\nthree\nfour\nfive\n`.replace(from, to);
const completed = (events: readonly Event[]) => only(events, 'run_completed').at(-1);

const split = (gate = '') => `  - name: plan
    type: split
    parallel: true
    prompt: cut
    agent: claude
    each:
      - {name: do, type: code, prompt: p, agent: claude${gate}}`;
const tasks = (...names: readonly string[]) => ({
  output: JSON.stringify(names.map((name) => ({ name, description: name }))),
});
/** Each task is done by the function of its name. */
const team =
  (works: Readonly<Record<string, Acting>>): Acting =>
  (order, tell) => {
    if (order.stepKind === 'split') return tasks(...Object.keys(works));
    return works[order.step.split('/')[1] ?? '']?.(order, tell);
  };
const writes =
  (path: string, text: string): Acting =>
  (order) => {
    write(order, path, text);
    return undefined;
  };

test("a task that fails takes nothing of its siblings' work with it, and leaves nothing of its own", async () => {
  const { run, events } = open(
    split(', gate: [{bash: "test ! -e broken.txt"}]'),
    team({ a: writes('a.txt', 'a\n'), b: writes('broken.txt', 'b\n'), c: writes('c.txt', 'c\n') }),
  );
  expect((await run()).status).toBe('fail');
  expect(files()).toEqual(['a.txt', 'c.txt', 'shared.txt']);
  const end = completed(await events());
  expect(end?.commit).toBe(user.git('rev-parse', ref));
  expect(end?.reason).toMatch(
    /^plan\/b\/do: bash: [\s\S]*; 2 of 3 are merged, and a resume of the run does the rest on top of them$/,
  );
});

test('changes to one file are merged where they do not touch, in declaration order', async () => {
  const { run } = open(
    split(),
    team({ a: writes('shared.txt', line('one', '1')), b: writes('shared.txt', line('five', '5')) }),
  );
  expect((await run()).status).toBe('pass');
  expect(textOf('shared.txt')).toBe('1\ntwo\nthree\nfour\n5');
  expect(user.git('log', '--format=%s', '--first-parent', ref).split('\n')).toEqual([
    'merge b',
    'a: do, attempt 1',
    'base',
  ]);
});

test('a conflict names both sides and the file, the rest stays merged, and a resume does that task again on top', async () => {
  const works = {
    a: writes('a.txt', 'a\n'),
    b: writes('shared.txt', line('one', 'eins')),
    c: writes('shared.txt', line('one', 'un')),
    d: writes('d.txt', 'd\n'),
  };
  const { run, events } = open(split(), team(works));
  expect((await run()).status).toBe('fail');
  const first = await events();
  const work = stepOf(first, 'plan/c/do').commit?.slice(0, 12);
  expect(only(first, 'task_conflict')).toMatchObject([
    {
      step: 'plan',
      task: 'c',
      files: ['shared.txt'],
      with: ['b'],
      reason: `c conflicts with b in shared.txt; its work stands at ${work}`,
    },
  ]);
  expect(files()).toEqual(['a.txt', 'd.txt', 'shared.txt']);
  expect(textOf('shared.txt')).toContain('eins');
  const seen: string[] = [];
  const again: Acting = (order) => {
    seen.push(`${order.step}#${order.attempt}`);
    write(order, 'shared.txt', line('one', 'eins, un'));
    return undefined;
  };
  expect((await run(again)).status).toBe('pass');
  expect(seen).toEqual(['plan/c/do#2']);
  expect(textOf('shared.txt')).toContain('eins, un');
  expect(files()).toEqual(['a.txt', 'd.txt', 'shared.txt']);
});

test('the other side of a conflict is whoever changed the file, under whatever name', async () => {
  const { run, events } = open(
    split(),
    team({
      a: writes('thing', 'a file\n'),
      b: writes('b.txt', 'b\n'),
      c: writes('thing/inside', 'a folder\n'),
    }),
  );
  expect((await run()).status).toBe('fail');
  expect(only(await events(), 'task_conflict')).toMatchObject([
    {
      task: 'c',
      with: ['a'],
      files: ['thing'],
      reason: expect.stringContaining('c conflicts with a in thing (file/directory)'),
    },
  ]);
});

const nested = `  - name: side
    parallel: true
    steps:
      - name: plan
        type: split
        parallel: true
        prompt: cut
        agent: claude
        each:
          - name: pair
            parallel: true
            steps:
              - {name: code, type: code, prompt: p, agent: claude}
              - {name: docs, type: code, prompt: p, agent: claude}
          - {name: last, type: code, prompt: p, agent: claude}
      - {name: other, type: code, prompt: p, agent: claude}
      - name: look
        steps: [{name: see, type: validate, prompt: p, agent: claude}]
  - {name: end, type: code, prompt: p, agent: claude}`;
const leaving: Acting = (order) => {
  if (order.stepKind === 'split') return tasks('x', 'y');
  if (order.stepKind === 'validate') return { output: '{"pass": true}' };
  write(order, `made/${order.step.replaceAll('/', '.')}`, `${order.attempt}\n`);
  return undefined;
};
const made = [
  'end',
  'side.other',
  'side.plan.x.last',
  'side.plan.x.pair.code',
  'side.plan.x.pair.docs',
  'side.plan.y.last',
  'side.plan.y.pair.code',
  'side.plan.y.pair.docs',
].map((name) => `made/${name}`);

test('however branches are nested, all that they made comes together, and each step saw what its line held', async () => {
  const seen = new Map<string, number>();
  const { run } = open(nested, (order, tell) => {
    seen.set(order.step, user.gitIn(order.cwd, 'ls-files').split('\n').length - 1);
    return leaving(order, tell);
  });
  expect((await run()).status).toBe('pass');
  expect(files()).toEqual([...made, 'shared.txt']);
  expect(seen.get('side/other')).toBe(0);
  expect(seen.get('side/plan/x/pair/docs')).toBe(0);
  expect(seen.get('side/plan/y/last')).toBe(2);
  expect(seen.get('end')).toBe(7);
});

test('judges side by side have a tree each, and what one tries to write is held against it alone', async () => {
  const validators = {
    'validators/panel': `  - name: panel
    parallel: true
    steps:
      - {name: calm, type: validate, prompt: p, agent: claude}
      - {name: busy, type: validate, prompt: p, agent: claude}`,
  };
  const places = new Map<string, string>();
  const { run, events } = open(
    '  - {name: do, type: code, prompt: p, agent: claude, gate: [{validate: validators/panel}]}',
    async (order) => {
      places.set(order.step, order.cwd);
      if (order.step.endsWith('/busy')) write(order, 'busy.txt', 'x\n');
      while (order.stepKind === 'validate' && places.size < 3) await sleep(5);
      return order.stepKind === 'validate' ? { output: '{"pass": true}' } : undefined;
    },
    {},
    validators,
  );
  expect((await run()).status).toBe('fail');
  expect(new Set(places.values()).size).toBe(3);
  const ends = only(await events(), 'step_completed').map(({ step, status }) => `${step} ${status}`);
  expect(ends).toContain('do/panel/panel/calm pass');
  expect(ends).toContain('do/panel/panel/busy fail');
});

test('stopped at any of its agents, a nested run goes on to the same tree, and repeats nothing that had ended', async () => {
  for (const moment of [1, 3, 5, 8, 10]) {
    const stop = new AbortController();
    let count = 0;
    const launched: string[] = [];
    const { run, events } = open(nested, async (order, tell) => {
      if (++count === moment) stop.abort('SIGTERM');
      return leaving(order, tell);
    });
    expect((await run(undefined, stop.signal)).status).toBe('cancelled');
    const ended = only(await events(), 'agent_completed').map(({ step, attempt }) => `${step}#${attempt}`);
    const state = await run((order, tell) => {
      launched.push(`${order.step}#${order.attempt}`);
      return leaving(order, tell);
    });
    expect(state.status).toBe('pass');
    expect(launched.filter((id) => ended.includes(id))).toEqual([]);
    expect(files()).toEqual([...made, 'shared.txt']);
    expect(fold(await events()).status).toBe('pass');
    user.remove();
    user = createFixture();
    user.write('shared.txt', 'one\ntwo\nthree\nfour\nfive\n');
    base = user.commit('base');
  }
});
