import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventType } from '../../src/events/event.ts';
import { type Desk, entry, type Going, openDesk } from '../cli/command.ts';
import { awaitEvents, blemishes, eventsOf, ofType, runsIn } from '../cli/ledger.ts';
import { makeProject, smallRun, smallWorkflow, tinyFiles } from '../cli/project.ts';

const asking = `${smallWorkflow}    hitl: after_gate\n`;
const files = { ...tinyFiles, '.gump/workflows/small.yaml': asking };

let desk: Desk;
/** A run that was paused, and went on with the consent that a resume is. */
let whole: string;
beforeAll(async () => {
  desk = await openDesk();
  whole = await makeProject(desk, { name: 'whole', files });
  expect((await desk.gump(smallRun, { cwd: whole })).code).toBe(3);
  expect((await desk.gump(['run', '--resume'], { cwd: whole })).code).toBe(0);
}, 60_000);
afterAll(async () => {
  // A test that failed may have left one; the process in it is hung up.
  for (const { child } of terminals) child.kill('SIGKILL');
  await desk.remove();
});

interface Moment {
  readonly last: EventType;
  /** What the resumes behind it end with, one after the other. */
  readonly codes: readonly number[];
}

const moments: readonly Moment[] = [
  // Nobody has been told yet that a person is asked: the question comes again.
  { last: 'hitl_paused', codes: [3, 0] },
  { last: 'run_paused', codes: [0] },
  { last: 'run_resumed', codes: [3, 0] },
  { last: 'hitl_resumed', codes: [0] },
];

for (const { last, codes } of moments) {
  test.concurrent(`an engine that was killed behind ${last} takes no consent that was not given, and loses none that was`, async () => {
    const dir = join(desk.dir, `cut-${last}`);
    await desk.start([], { command: ['cp', '-r', whole, dir] }).ended;
    const [run = ''] = runsIn(dir);
    const manifest = join(dir, '.gump/runs', run, 'manifest.ndjson');
    const lines = (await readFile(manifest, 'utf8')).split('\n');
    const cut = lines.findIndex((line) => line.includes(`"type":"${last}"`));
    await writeFile(manifest, `${lines.slice(0, cut + 1).join('\n')}\n`);
    for (const code of codes) {
      const resumed = await desk.gump(['run', '--resume'], { cwd: dir });
      expect(resumed.code, resumed.stderr).toBe(code);
    }
    const events = eventsOf(dir);
    expect(ofType(events, 'agent_launched')).toHaveLength(1);
    expect(ofType(events, 'hitl_resumed').map(({ approved }) => approved)).toEqual([true]);
    expect(blemishes(events)).toEqual([]);
  });
}

// A terminal of its own comes from util-linux; where it is missing, that is told instead.
const hasTerminal = existsSync('/usr/bin/script');
if (!hasTerminal) console.warn('not tested here: questions at a terminal (no /usr/bin/script)');

const terminals: Going[] = [];

/** The run in a terminal; its standard input is what a person types. */
function atTerminal(dir: string) {
  const line = [process.execPath, entry, ...smallRun].map((word) => `'${word}'`).join(' ');
  const going = desk.start([], { cwd: dir, open: true, command: ['script', '-qec', line, '/dev/null'] });
  terminals.push(going);
  return going;
}

async function isAsked({ heard }: Going, times = 1): Promise<void> {
  while (heard.stdout.split('Approve? [y/n]').length <= times) await sleep(5);
}

const controlD = '\x04';

test
  .runIf(hasTerminal)
  .concurrent(
    'at a terminal a yes goes on, a no fails the step, and the end of input is neither',
    async () => {
      const answers: readonly (readonly [typed: readonly string[], code: number])[] = [
        [['yes\r'], 0],
        [['what?\r', 'n\r'], 1],
        [[controlD], 3],
      ];
      for (const [index, [typed, code]] of answers.entries()) {
        const dir = await makeProject(desk, { name: `answer-${index}`, files });
        const going = atTerminal(dir);
        for (const [at, keys] of typed.entries()) {
          await isAsked(going, at + 1);
          going.child.stdin?.write(keys);
        }
        const { stdout, code: ended } = await going.ended;
        going.child.stdin?.end();
        expect(ended, stdout).toBe(code);
        expect(stdout).toContain('make: after gate, attempt 1. Approve? [y/n]');
        const told = ofType(eventsOf(dir), 'hitl_resumed').map(({ approved }) => approved);
        expect(told).toEqual(code === 3 ? [] : [code === 0]);
      }
    },
  );

test
  .runIf(hasTerminal)
  .concurrent('an engine that is killed while it asks has no answer: the resume asks again', async () => {
    const dir = await makeProject(desk, { name: 'asked', files });
    const going = atTerminal(dir);
    await awaitEvents(dir, (events) => ofType(events, 'hitl_paused').length > 0);
    await isAsked(going);
    const status = await desk.gump(['status', '--json'], { cwd: dir });
    const [{ status: word, engine }] = JSON.parse(status.stdout);
    expect(word).toBe('running');
    process.kill(engine.pid, 'SIGKILL');
    going.child.stdin?.end();
    await going.ended;
    const lost = await desk.gump(['status'], { cwd: dir });
    expect(lost.stdout).toMatch(/ lost /);
    const asked = await desk.gump(['run', '--resume'], { cwd: dir });
    expect([asked.code, asked.stdout]).toEqual([
      3,
      expect.stringContaining('Run paused: make waits for a person'),
    ]);
    expect((await desk.gump(['run', '--resume'], { cwd: dir })).code).toBe(0);
    expect(ofType(eventsOf(dir), 'agent_launched')).toHaveLength(1);
  });

test.concurrent('--verbose shows the steps of validators too, and not a line less', async () => {
  const dir = await makeProject(desk, { name: 'verbose' });
  const run = ['run', 'tiny', '--spec', 'spec.md', '--agent-script', 'script.yaml'];
  const plain = await desk.gump(run, { cwd: dir });
  const verbose = await desk.gump([...run, '--verbose'], { cwd: dir });
  expect([plain.code, verbose.code]).toEqual([0, 0]);
  expect(plain.stdout).not.toContain('/look]');
  expect(verbose.stdout).toContain('[build/task-1/make/check/look]');
  const steps = (text: string) =>
    text.split('\n').filter((line) => line.startsWith('[') && !line.includes('/look]'));
  expect(steps(verbose.stdout)).toEqual(steps(plain.stdout));
});
