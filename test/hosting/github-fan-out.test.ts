import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Event, Fact } from '../../src/events/event.ts';
import { openPublisher, type Publisher } from '../../src/git/publish.ts';
import { branchRef, takeBack } from '../../src/hosting/github-fan-out.ts';
import { openFileLedger } from '../../src/ledger/file.ts';
import { writeRunCommit, writeRunTree } from '../../src/ledger/run-commit.ts';
import { runFolder } from '../../src/ledger/run-folder.ts';
import { eventsOf, planOf, startOf } from '../engine/given.ts';
import { type RemoteFixture, serveGit } from '../git/remote.fixture.ts';
import { createFixture, type Fixture } from '../git/repository.fixture.ts';

const token = 'ghs_0123456789abcdefghij';
const runId = 'issue-7-1';
const plan = planOf('  - {name: cut, type: code, prompt: p, agent: claude}');
const away: Fact = {
  ...{ type: 'run_fanned_out', run: runId, share_budget: null, share_tokens: null },
  branches: ['cut/a', 'cut/b'],
};
const past = eventsOf([startOf(plan), away]);

let user: Fixture;
let remote: RemoteFixture;
let publisher: Publisher;
let said: string[];
beforeEach(async () => {
  user = createFixture();
  mkdirSync(join(user.top, 'served'));
  user.gitIn(user.top, 'init', '-q', '--bare', join(user.top, 'served/remote.git'));
  user.gitIn(join(user.top, 'served/remote.git'), 'config', 'http.receivepack', 'true');
  remote = await serveGit(join(user.top, 'served'), token);
  publisher = await openPublisher({ url: remote.url, token, dir: join(user.top, 'clean'), backoffMs: 2 });
  said = [];
  write('here', past);
});
afterEach(async () => {
  await remote.close();
  user.remove();
});

const folder = (machine: string) => runFolder(join(user.top, machine), runId);

function write(machine: string, events: readonly Event[], more = ''): void {
  mkdirSync(join(folder(machine), 'artifacts'), { recursive: true });
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  writeFileSync(join(folder(machine), 'manifest.ndjson'), lines + more);
}

function place() {
  return {
    root: join(user.top, 'here'),
    runId,
    publisher,
    options: { log: (line: string) => said.push(line) },
  };
}

/** As the job of the branch leaves it. */
async function push(branch: string, events: readonly Event[], more = ''): Promise<string> {
  write(branch, events, more);
  writeFileSync(join(folder(branch), 'artifacts', 'test.log'), `log of ${branch}\n`);
  const git = { gitDir: publisher.gitDir, env: publisher.env };
  const tree = await writeRunTree(git, folder(branch));
  const sha = await writeRunCommit(git, { tree, parent: null, held: [], date: '2026-11-01T00:00:00Z' });
  const [, fact] = past;
  if (fact?.type !== 'run_fanned_out') throw new Error('not away');
  await publisher.push([{ sha, ref: branchRef(runId, fact, branch) }]);
  return sha;
}

const worked = (branch: string): readonly Event[] => [
  ...past,
  ...eventsOf(
    [
      { type: 'run_resumed', run: runId, reason: 'x' },
      { type: 'group_started', step: branch, step_type: 'group', round: 1, base: 'b0' },
      {
        type: 'gate_passed',
        step: branch,
        attempt: 1,
        gate: 'test',
        commit: 'c',
        duration_ms: 1,
        log: 'test.log',
      },
      { type: 'branch_left', run: runId, branch, status: 'pass', reason: null },
    ],
    past,
  ),
];

async function ledger(): Promise<readonly Event[]> {
  const file = await openFileLedger(folder('here'));
  const events = await file.read();
  await file.close();
  return events;
}

test('what branches have done is taken in once, with its logs, and its commits are named', async () => {
  const commits = [await push('cut/a', worked('cut/a')), await push('cut/b', worked('cut/b'))];
  expect(await takeBack(place())).toEqual(commits);
  const events = await ledger();
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(events.slice(past.length).map((event) => ('step' in event ? event.step : event.type))).toEqual([
    ...['run_resumed', 'cut/a', 'cut/b', 'cut/a', 'cut/b'],
  ]);
  expect(readFileSync(join(folder('here'), 'artifacts/test.log'), 'utf8')).toMatch(/^log of /);
  expect(await takeBack(place())).toEqual([]);
  expect(await ledger()).toEqual(events);
});

test('a branch whose ledger is damaged, or that pushed none, is told of and runs here', async () => {
  await push('cut/a', worked('cut/a'), '{"v":1,"seq":99}\n{}\n');
  expect(await takeBack(place())).toEqual([]);
  expect(said.join('\n')).toContain('What the job of cut/a did is not taken in: The ledger was not read');
  const notices = (await ledger()).flatMap((event) => (event.type === 'notice' ? [event.step] : []));
  expect(notices).toEqual(['cut/a', 'cut/b']);
});

test('where nothing is away nothing is fetched', async () => {
  write('here', eventsOf([startOf(plan)]));
  expect(await takeBack(place())).toEqual([]);
  expect(await ledger()).toHaveLength(1);
  expect(await takeBack({ ...place(), root: join(user.top, 'nowhere') })).toEqual([]);
});
