import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk } from './command.ts';
import { eventsOf, ofType, runsIn } from './ledger.ts';
import { makeProject, tinyFiles } from './project.ts';

let desk: Desk;
let dir: string;

beforeAll(async () => {
  desk = await openDesk();
  const verdict = (text: string) => `  - step: look\n    verdict: ${text}\n`;
  dir = await makeProject(desk, {
    files: {
      ...tinyFiles,
      '.gitignore': 'yes.yaml\nno.yaml\n',
      'yes.yaml': `rules:\n${verdict('{pass: true, comments: fine}')}`,
      'no.yaml': `rules:\n${verdict('{pass: false, comments: "a.txt is missing"}')}`,
    },
  });
});
afterAll(() => desk.remove());

const judge = (name: string, script: string) =>
  desk.gump(['run', name, '--spec', 'spec.md', '--agent-script', script, '--set', 'diff=+ {spec}'], {
    cwd: dir,
  });

test('a validator that is given the change judges by itself: its yes is the run’s, and nothing is changed', async () => {
  const head = await desk.git(dir, 'rev-parse', 'HEAD');
  const { code, stdout, stderr } = await judge('validators/check', 'yes.yaml');
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('[look]                       pass');
  const run = runsIn(dir).at(-1) ?? '';
  expect(await desk.git(dir, 'rev-parse', `gump/run-${run}`)).toBe(head);
  expect(ofType(eventsOf(dir), 'run_started')[0]?.settings.set).toEqual({ diff: '+ {spec}' });
});

test('its no fails the run, with its comments', async () => {
  const { code, stderr } = await judge('check', 'no.yaml');
  expect([code, stderr]).toEqual([1, expect.stringContaining('a.txt is missing')]);
});
