import { expect, test } from 'vitest';
import { choose, type Leftovers } from '../../src/hosting/gc-choice.ts';
import type { RunStanding } from '../../src/hosting/status.ts';

const nothing: Leftovers = {
  ...{ runs: [], branches: new Map(), known: new Set(), beginning: new Set() },
  ...{ referenced: new Set(), unseen: null },
};

function run(name: string, more: Partial<RunStanding> = {}): RunStanding {
  return {
    run: name,
    workflow: 'w',
    status: 'fail',
    begun: true,
    startedAt: null,
    durationMs: 0,
    costUsd: 0,
    costUnknown: false,
    applied: false,
    changed: true,
    replayOf: null,
    waitsFor: [],
    engine: null,
    problem: null,
    folder: `/runs/${name}`,
    ...more,
  };
}

interface Case {
  readonly title: string;
  readonly run: RunStanding;
  /** Undefined: no branch; true: with work that is nowhere else. */
  readonly loose?: boolean;
  readonly isBeginning?: boolean;
  /** What is done without and with --force; `run+branch`, `run` (its branch stays), or why it is kept. */
  readonly plain: string;
  readonly forced: string;
}

const engine = { pid: 7, host: 'here' };
const cases: readonly Case[] = [
  { title: 'a failed run', run: run('a'), loose: false, plain: 'run+branch', forced: 'run+branch' },
  {
    title: 'a failed run with work of its own',
    run: run('a'),
    loose: true,
    plain: 'run',
    forced: 'run+branch',
  },
  { title: 'a failed run that made nothing', run: run('a'), plain: 'run', forced: 'run' },
  { title: 'a stopped run', run: run('a', { status: 'cancelled' }), plain: 'run', forced: 'run' },
  { title: 'a lost run', run: run('a', { status: 'lost' }), plain: 'run', forced: 'run' },
  {
    title: 'a run that is at work',
    run: run('a', { status: 'running', engine }),
    plain: 'works on it',
    forced: 'works on it',
  },
  {
    title: 'a passed run that is taken up by a process',
    run: run('a', { status: 'running', engine }),
    loose: false,
    plain: 'works on it',
    forced: 'works on it',
  },
  {
    title: 'a paused run',
    run: run('a', { status: 'paused' }),
    loose: false,
    plain: 'a person is asked',
    forced: 'run+branch',
  },
  {
    title: 'a result that nobody has',
    run: run('a', { status: 'pass' }),
    loose: true,
    plain: 'not applied',
    forced: 'run+branch',
  },
  {
    title: 'a result that is applied',
    run: run('a', { status: 'pass' }),
    loose: false,
    plain: 'run+branch',
    forced: 'run+branch',
  },
  {
    title: 'a run that passed and changed nothing',
    run: run('a', { status: 'pass' }),
    plain: 'run',
    forced: 'run',
  },
  {
    title: 'a run whose ledger is damaged',
    run: run('a', { status: 'unreadable', problem: 'x' }),
    plain: 'cannot be read',
    forced: 'run',
  },
  {
    title: 'a run that was lost before it began',
    run: run('a', { status: 'lost', begun: false }),
    plain: 'run',
    forced: 'run',
  },
  {
    title: 'a run that may be beginning',
    run: run('a', { status: 'lost', begun: false }),
    isBeginning: true,
    plain: 'may be beginning',
    forced: 'may be beginning',
  },
];

function decided({ run: one, loose, isBeginning }: Case, force: boolean): string {
  const branches = new Map(loose === undefined ? [] : [[`gump/run-${one.run}`, loose]]);
  const beginning = new Set(isBeginning ? [one.run] : []);
  const leftovers: Leftovers = { ...nothing, runs: [one], branches, known: new Set([one.run]), beginning };
  const { remove, keep } = choose(leftovers, { keepLast: 0, force });
  const [gone] = remove;
  if (!gone) return keep[0]?.why ?? '';
  if (gone.kind !== 'run') return gone.kind;
  if (gone.branch !== null) return 'run+branch';
  // A branch that stays behind is told.
  expect(keep.map(({ name }) => name)).toEqual(loose ? [`gump/run-${one.run}`] : []);
  return 'run';
}

test.each(cases)('$title: $plain, and with --force $forced', (one) => {
  expect(decided(one, false)).toContain(one.plain);
  expect(decided(one, true)).toContain(one.forced);
});

test('the newest runs stay, with force as well; those that never began do not count among them', () => {
  const runs = [
    run('e', { begun: false, status: 'lost' }),
    run('d'),
    run('c', { status: 'pass' }),
    run('b'),
    run('a'),
  ];
  const leftovers: Leftovers = { ...nothing, runs };
  for (const force of [false, true]) {
    const { remove, keep } = choose(leftovers, { keepLast: 2, force });
    expect(remove.map((one) => (one.kind === 'run' ? one.run.run : ''))).toEqual(['e', 'b', 'a']);
    expect(keep.map(({ name, why }) => [name, why])).toEqual([
      ['d', 'among the newest 2'],
      ['c', 'among the newest 2'],
    ]);
  }
});

test('a branch without a run goes where its work is elsewhere, and never one of another working tree’s run', () => {
  const branches = new Map([
    ['gump/run-gone', false],
    ['gump/run-loose', true],
    ['gump/run-other', false],
    ['gump/issue-3', false],
  ]);
  const leftovers: Leftovers = { ...nothing, branches, known: new Set(['other']) };
  for (const force of [false, true]) {
    const { remove, keep } = choose(leftovers, { keepLast: 0, force });
    expect(remove).toEqual([{ kind: 'branch', branch: 'gump/run-gone' }]);
    expect(keep.map(({ name }) => name)).toEqual(['gump/run-loose']);
  }
});

test('references of a run that no working tree has go; where a tree cannot be read, they stay and the tree is named', () => {
  const leftovers: Leftovers = {
    ...nothing,
    known: new Set(['other']),
    referenced: new Set(['gone', 'other']),
  };
  const removed = [{ kind: 'references', run: 'gone' }];
  expect(choose(leftovers, { keepLast: 0, force: false })).toEqual({ remove: removed, keep: [] });
  const { remove, keep } = choose({ ...leftovers, unseen: '/away' }, { keepLast: 0, force: true });
  expect(remove).toEqual([]);
  expect(keep).toEqual([{ name: 'gone', why: expect.stringContaining('working tree /away') }]);
});
