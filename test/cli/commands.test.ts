import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandEntry, CommandGroup } from '../../src/cli/command.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { commands } from '../../src/cli/commands.ts';
import { type Desk, openDesk } from './command.ts';
import { makeProject, smallRun } from './project.ts';

/**
 * What each command ends with in a small project with one passed run; each needs one line with 0 and one with 2.
 * A new command without them fails here.
 */
const endings: Readonly<Record<string, readonly (readonly [code: number, ...args: string[]])[]>> = {
  run: [[0, ...smallRun.slice(1)], [2], [2, 'small'], [2, 'smal', '--spec', 'spec.md']],
  apply: [
    [0, '--repo', '.'],
    [2, 'nope'],
  ],
  status: [[0], [0, '--json'], [2, '--repo', '/']],
  report: [
    [0],
    [0, '--json'],
    [0, '--detail', 'make'],
    [0, '--last', '3', '--json'],
    [2, 'nope'],
    [2, '--detail', 'mkae'],
    [2, '--last', '0'],
    [2, 'nope', '--last', '2'],
  ],
  'config list': [[0], [0, '--json'], [2, 'nope']],
  'config get': [
    [0, 'default_agent'],
    [2, 'budget.max_bugdet'],
  ],
  'config set': [
    // Nothing that another command here looks at: an agent that is not installed would be a finding of doctor's.
    [0, 'budget.max_parallel', '3', '--user'],
    [2, 'default_agent', 'a b'],
    [2, 'github.label', 'x'],
  ],
  init: [
    [0, '--dry-run'],
    [0, '--dry-run', '--json'],
    [2, '--repo', '/'],
  ],
  doctor: [[0], [0, '--json'], [2, 'x']],
  models: [[0], [0, 'claude', '--json'], [2, 'clod'], [2, 'a', 'b']],
  gc: [
    [0, '--dry-run'],
    [0, '--json'],
    [2, '--keep-last', '-1'],
    [2, '--repo', '/'],
  ],
  'playbook list': [[0], [2, 'more']],
  'playbook show': [
    [0, 'tdd'],
    [2, 'tddd'],
  ],
  validate: [[0, '.gump/workflows/small.yaml'], [2], [2, 'nowhere.yaml']],
};

interface Typed {
  /** `playbook list` where it stands in a group. */
  readonly words: string;
  readonly entry: CommandEntry;
}

const typed: readonly Typed[] = commands.flatMap((entry) =>
  'perform' in entry
    ? [{ words: entry.name, entry }]
    : entry.commands.map((inner) => ({ words: `${entry.name} ${inner.name}`, entry: inner })),
);

let desk: Desk;
let dir: string;
beforeAll(async () => {
  desk = await openDesk();
  dir = await makeProject(desk);
  expect((await desk.gump(smallRun, { cwd: dir })).code).toBe(0);
}, 60_000);
afterAll(() => desk.remove());

test('every command has a case of each ending, and no case is for a command that is gone', () => {
  expect(Object.keys(endings).sort()).toEqual(typed.map(({ words }) => words).sort());
  for (const [words, cases] of Object.entries(endings)) {
    expect(new Set(cases.map(([code]) => code)), words).toEqual(new Set([0, 2]));
  }
});

describe.each(typed)('gump $words', ({ words, entry }) => {
  test.concurrent('has help with its examples, on stdout, wherever it is asked for', async () => {
    const { code, stdout, stderr } = await desk.gump([...words.split(' '), '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: gump ${words}`);
    for (const example of entry.examples) expect(stdout).toContain(`  ${example}\n`);
  });

  test('says in examples what can be typed', async () => {
    for (const example of entry.examples) {
      // What a shell makes of the rest is its own matter.
      const [typed = ''] = example.replace(/^.* \| /, '').split(' > ');
      let performed: string | null = null;
      const listen = (one: CommandEntry, name: string): CommandEntry => ({
        ...one,
        perform: async () => {
          performed = name;
          return 7;
        },
      });
      const table = commands.map((one): CommandEntry | CommandGroup =>
        'perform' in one
          ? listen(one, one.name)
          : { ...one, commands: one.commands.map((inner) => listen(inner, `${one.name} ${inner.name}`)) },
      );
      expect(await runCommandLine(['node', ...typed.split(' ')], table)).toBe(7);
      expect(performed).toBe(words);
    }
  });

  test.concurrent('names the nearest where an option is misspelt', async () => {
    const long = entry.options[0]?.long ?? '--help';
    const typo = long.slice(0, -2) + long.slice(-1) + long.slice(-2, -1);
    const { code, stdout, stderr } = await desk.gump([...words.split(' '), typo]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`unknown option '${typo}'`);
    expect(stderr).toMatch(/Did you mean (one of )?--/);
  });

  test.concurrent.each(endings[words] ?? [])('ends with %i on %j', async (expected, ...args) => {
    const { code, stdout, stderr } = await desk.gump([...words.split(' '), ...args.map(String)], {
      cwd: dir,
    });
    expect(code, stderr).toBe(expected);
    // Results go to stdout, and everything about them to stderr: a refusal leaves a pipe empty.
    if (expected === 2 && !args.includes('--json')) expect(stdout).toBe('');
    expect(stdout + stderr).not.toContain('\x1b');
  });
});

test.concurrent.each([
  ['budget.max_bugdet', 'get budget.max_budget'],
  ['max_budget', 'get budget.max_budget'],
  ['default_agent', 'get default_agent'],
  ['lsit', 'list'],
])('gump config %s names what was meant', async (word, meant) => {
  const { code, stdout, stderr } = await desk.gump(['config', word]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`unknown command '${word}'\n(Did you mean ${meant}?)`);
});

test.concurrent('gump playbook with the name of a workflow names the command that shows it', async () => {
  const { code, stdout, stderr } = await desk.gump(['playbook', 'tdd']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain("unknown command 'tdd'\n(Did you mean show tdd?)");
});

test.concurrent.each([
  ['help', 'rnu'],
  ['rnu', '--help'],
])('gump %s %s names the nearest command instead of helping with everything', async (...words) => {
  const { code, stdout, stderr } = await desk.gump(words);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain("unknown command 'rnu'\n(Did you mean run?)");
});

const groups = commands.flatMap((entry) => ('perform' in entry ? [] : [entry]));

test.concurrent.each(groups)(
  'gump $name names the nearest of its commands where one is misspelt',
  async (group) => {
    const [first] = group.commands;
    const typo = `${first?.name}x`;
    const { code, stdout, stderr } = await desk.gump([group.name, typo]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`unknown command '${typo}'\n(Did you mean ${first?.name}?)`);
    const help = await desk.gump([group.name, '--help']);
    expect(help.stdout).toContain(group.commands.map(({ examples }) => `  ${examples[0]}\n`).join(''));
  },
);
