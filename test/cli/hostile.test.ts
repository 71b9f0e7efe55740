import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hostileNames } from '../workflow/hostile-words.ts';
import { type Desk, openDesk } from './command.ts';
import { listing, makeProject, smallRun, tinyFiles } from './project.ts';

/** One of each kind, for lines that read a repository each; the whole list is for lines that only look at the word. */
const kinds: readonly string[] = [
  ...['', ' ', '../x', 'a/../../b', '/x', '~/x', 'C:\\x', '-x', '--help', '.git/x', '.a', 'a.b', 'a@{1}'],
  ...['a\rb', 'a\nb', 'a\x1b[31m', 'a\x7f', 'a\x85b', 'a\u2028b', 'a\u202eb', '\uff0e\uff0e/x', 'a\ud800'],
  ...['$(a)', '{a}', 'a;b', '__proto__', 'constructor', 'toString', 'x'.repeat(300)],
];
/** No argument of a process can hold a NUL. */
const words = hostileNames.filter((word) => !word.includes('\0'));
const run = (...more: string[]) => [
  'run',
  'small',
  '--spec',
  'spec.md',
  '--agent-script',
  'script.yaml',
  ...more,
];

const places: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'run --resume --run': kinds.map((word) => ['run', '--resume', '--run', word]),
  'run --replay --run': kinds.map((word) => ['run', '--replay', '--from-step', 'make', '--run', word]),
  'run --replay --from-step': kinds.map((word) => ['run', '--replay', '--from-step', word]),
  'run --pause-after': kinds.map((word) => run('--pause-after', word)),
  'run --set': words.map((word) => run('--set', word)),
  'run --set, the name': words.map((word) => run('--set', `${word}=x`)),
  'run --agent': kinds.map((word) => run('--agent', word)),
  'run, the spec': kinds.map((word) => ['run', 'small', '--agent-script', 'script.yaml', '--spec', word]),
  'run, the script': kinds.map((word) => ['run', 'small', '--spec', 'spec.md', '--agent-script', word]),
  'run, the workflow': kinds.map((word) => ['run', '--spec', 'spec.md', '--', word]),
  'run, the workflow file': kinds.map((word) => ['run', '--spec', 'spec.md', '--', `${word}.yaml`]),
  'run --repo': kinds.map((word) => run('--repo', word)),
  'gc --repo': kinds.map((word) => ['gc', '--repo', word]),
  'gc --keep-last': words.map((word) => ['gc', '--keep-last', word]),
  report: kinds.map((word) => ['report', '--', word]),
  'report --detail': kinds.map((word) => ['report', '--detail', word]),
  apply: kinds.map((word) => ['apply', '--', word]),
  'playbook show': kinds.map((word) => ['playbook', 'show', '--', word]),
  validate: kinds.map((word) => ['validate', '--', word]),
  'config get': kinds.map((word) => ['config', 'get', '--', word]),
  'config set': kinds.map((word) => ['config', 'set', '--', word, '1']),
  models: kinds.map((word) => ['models', '--', word]),
};

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let desk: Desk;
let dir: string;
let before: Record<string, string>;
let after: Record<string, string>;
let answers: readonly Answer[];

beforeAll(async () => {
  desk = await openDesk();
  dir = await makeProject(desk, { files: tinyFiles });
  // One run that waits for a person, so that there is something to go on with.
  expect((await desk.gump([...smallRun, '--pause-after', 'make'], { cwd: dir })).code).toBe(3);
  before = await listing(dir);
  const command = [process.execPath, join(import.meta.dirname, 'many-lines.ts')];
  const stdin = JSON.stringify(Object.values(places).flat());
  const told = await desk.start([], { cwd: dir, command, stdin }).ended;
  expect([told.code, told.stderr]).toEqual([0, '']);
  answers = JSON.parse(told.stdout);
  after = await listing(dir);
}, 120_000);
afterAll(() => desk.remove());

describe('hostile words are refused with a message and exit code 2, no stack, nothing that steers a terminal', () => {
  test.each(Object.keys(places))('%s', (place) => {
    const names = Object.keys(places);
    const first = names.slice(0, names.indexOf(place)).flatMap((name) => places[name] ?? []).length;
    const lines = places[place] ?? [];
    const wrong = lines.flatMap((line, index) => {
      const answer = answers[first + index];
      return answer && isRefusal(answer) ? [] : [{ line, answer }];
    });
    expect(wrong).toEqual([]);
  });

  test('nothing in the repository has changed', () => {
    expect(after).toEqual(before);
  });
});

function isRefusal({ code, stdout, stderr }: Answer): boolean {
  const steers = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e]/;
  return (
    code === 2 && stdout === '' && /error: /.test(stderr) && !/\n\s+at /.test(stderr) && !steers.test(stderr)
  );
}
