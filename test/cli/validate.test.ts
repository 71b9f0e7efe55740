import { globSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk } from './command.ts';
import { checkValidator, tinyWorkflow, writeFiles } from './project.ts';

const shipped = join(import.meta.dirname, '../../workflows');
let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
  await writeFiles(desk.dir, {
    '.gump/workflows/tiny.yaml': tinyWorkflow,
    '.gump/validators/check.yaml': checkValidator.replace('{diff}', '{diff} by the rules of {rules}'),
    'broken one.yaml': 'name: a\nstpes: []\nmax_bugdet: 1\n',
    'names.yaml': tinyWorkflow
      .replace('claude-opus', 'clod-opus')
      .replace('{spec}', '{speck}')
      .replace('validators/check', 'validators/arch-reveiw'),
  });
});
afterAll(() => desk.remove());

test.concurrent('what ships is valid, in the very spelling of the playbook, outside a repository', async () => {
  const files = globSync('**/*.yaml', { cwd: shipped })
    .sort()
    .map((name) => join(shipped, name));
  expect(files).toHaveLength(12);
  const { code, stdout, stderr } = await desk.gump(['validate', ...files]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe(files.map((file) => `${file}: valid\n`).join(''));
});

test.concurrent('all problems of all files are told, each file named as given, exit code 2', async () => {
  const files = ['broken one.yaml', 'names.yaml', './nowhere.yaml'];
  const { code, stdout, stderr } = await desk.gump(['validate', ...files]);
  expect([code, stdout]).toEqual([2, '']);
  for (const words of [
    'broken one.yaml:2:1: error: unknown key `stpes`',
    'did you mean `steps`?',
    'broken one.yaml:3:1: error: unknown key `max_bugdet`',
    'names.yaml:6:20: error: `{speck}` can never have a value here',
    'names.yaml:7:12: error: unknown agent family in `clod-opus`',
    'names.yaml:16:13: error: there is no validator validators/arch-reveiw',
    'did you mean validators/arch-review?',
    './nowhere.yaml: there is no such file',
  ])
    expect(stderr).toContain(words);
});

test.concurrent('a folder is told to be one, with what to type instead', async () => {
  const { code, stdout, stderr } = await desk.gump(['validate', '.gump/workflows']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toBe(
    'error: .gump/workflows: it is a folder\n  hint: name the files in it: gump validate .gump/workflows/*.yaml\n',
  );
});

test.concurrent('a workflow of the project finds its validator, and the inputs that it lacks are told', async () => {
  const { code, stderr } = await desk.gump(['validate', '.gump/workflows/tiny.yaml']);
  expect(code).toBe(2);
  expect(stderr).toContain(
    '.gump/workflows/tiny.yaml:16:13: error: validators/check needs the input `rules`',
  );
  const alone = await desk.gump(['validate', '.gump/validators/check.yaml']);
  expect([alone.code, alone.stdout]).toEqual([0, '.gump/validators/check.yaml: valid\n']);
});

test.concurrent('--json gives the problems as data, an empty array where there are none', async () => {
  const { code, stdout, stderr } = await desk.gump(['validate', '--json', 'broken one.yaml']);
  expect([code, stderr]).toEqual([2, '']);
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({ code: 'unknown-key', at: { file: 'broken one.yaml', line: 2, column: 1 } }),
  );
  const valid = await desk.gump(['validate', '--json', join(shipped, 'simple.yaml')]);
  expect([valid.code, JSON.parse(valid.stdout)]).toEqual([0, []]);
});

test.concurrent('without a file it says what is missing', async () => {
  const { code, stdout, stderr } = await desk.gump(['validate']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain("missing required argument 'file'");
});
