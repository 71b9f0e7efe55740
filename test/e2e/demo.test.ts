import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GithubDump } from '../standin/dump.ts';
import { checksOn } from './github-facts.ts';

/** What `npm run demo -- --once --out DIR` left behind. */
interface Result {
  readonly stdout: string;
  readonly trace: string;
  readonly events: readonly Record<string, unknown>[];
  readonly github: GithubDump;
}

const plantedToken = 'ghp_plantedTokenOfThePersonWhoStartsTheDemo1';
const dirs: string[] = [];
let first: Result;
let second: Result;

beforeAll(async () => {
  first = await runDemo();
  second = await runDemo();
}, 240_000);

afterAll(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

/** Rejects when the exit code is not 0. */
async function runDemo(): Promise<Result> {
  const out = await mkdtemp(join(tmpdir(), 'gump-demo-out-'));
  dirs.push(out);
  const demo = join(import.meta.dirname, '../standin/demo.ts');
  const env = { ...process.env, GITHUB_TOKEN: plantedToken, ANTHROPIC_API_KEY: plantedToken };
  const { stdout } = await execa(process.execPath, [demo, '--once', '--out', out], { env });
  const read = (name: string) => readFile(join(out, name), 'utf8');
  const manifest = await read('manifest.ndjson');
  return {
    stdout,
    trace: await read('trace.txt'),
    events: manifest
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    github: JSON.parse(await read('github.json')),
  };
}

const head = ({ github }: Result) =>
  String((github.refs.find(({ ref }) => ref === 'refs/heads/gump/issue-1')?.object as { sha?: string })?.sha);

describe('the demo', () => {
  test('prints every line of the documented trace in its form', () => {
    const documented = [
      '[decompose]                  running  (claude-opus)',
      '[decompose]                  pass     3 tasks',
      '[build/task-1/converge]      running  (claude-sonnet)  attempt 1',
      '[build/task-1/converge]      gate     compile ✓  test ✓  review ✗',
      '[build/task-1/converge]      retry    attempt 2 — prompt override',
      '[build/task-1/converge]      running  (claude-sonnet)  attempt 2',
      '[build/task-1/converge]      gate     compile ✓  test ✓  review ✓',
      '[build/task-1/converge]      pass',
      '[build/task-1/smoke]         running  (claude-sonnet)  session from: converge',
      '[build/task-1/smoke]         pass',
      '[quality]                    gate     compile ✓  lint ✓  test ✓',
      '[quality]                    pass',
    ];
    const lines = first.trace.split('\n');
    const found = lines.filter((line) => documented.includes(line));
    expect(found).toEqual(documented);
    expect(lines.findLast((line) => line !== '')).toMatch(
      /^Run completed: pass {2}duration: \S+ {2}cost: \$\d+\.\d\d$/,
    );
  });

  test('escalates the second task to claude-opus at attempt 4, with a new session, a reset tree, and a smoke in that session', () => {
    const started = (step: string) =>
      first.events.filter((event) => event.type === 'step_started' && event.step === step);
    const [, , , fourth] = started('decompose/slug/converge');
    expect(fourth).toMatchObject({ attempt: 4, agent: 'claude-opus', session_mode: 'new' });
    expect(first.events.find((event) => event.type === 'tree_reset')).toMatchObject({
      step: 'decompose/slug/converge',
      attempt: 4,
    });
    expect(started('decompose/slug/smoke')).toEqual([
      expect.objectContaining({ agent: 'claude-opus', session_mode: 'from' }),
    ]);
    const session = (step: string) =>
      first.events.findLast((event) => event.type === 'agent_completed' && event.step === step)?.session_id;
    expect(session('decompose/slug/smoke')).toBe(session('decompose/slug/converge'));
  });

  test('shows one commit for each attempt that changed something, with its trailers', () => {
    const messages = commitsOfBranch(first).map((commit) => String(commit.message));
    expect(messages.filter((message) => message.includes('Gump-Agent:'))).toHaveLength(7);
    for (const message of messages)
      expect(message).toMatch(/\nGump-Run: issue-1-\d+\nGump-Step: \S+\nGump-Attempt: \d+/);
  });

  test('shows each gate as a check run on the commit it judged, and all that stand on the head', () => {
    const checks = first.github.check_runs;
    expect(checks.every((check) => check.status === 'completed')).toBe(true);
    const failed = checks.filter((check) => check.conclusion === 'failure').map((check) => check.name);
    expect(failed).toEqual([
      'gump / task-1 / converge / review',
      'gump / task-2 / converge / test',
      'gump / task-2 / converge / compile',
      'gump / task-2 / converge / test',
      'gump / task-2 / converge / review',
    ]);
    const onHead = checksOn(checks, head(first));
    expect(onHead).toMatchObject({
      gump: 'success',
      'gump / quality / lint': 'success',
      'gump / task-1 / converge / review': 'success',
    });
    expect(new Set(Object.values(onHead))).toEqual(new Set(['success']));
  });

  test('shows each failing verdict as one review with comments on lines, never as an approval', () => {
    expect(first.github.reviews.map((review) => review.state)).toEqual(['COMMENTED', 'COMMENTED']);
    expect(first.github.review_comments.map((comment) => comment.path)).toEqual([
      'src/greeting.js',
      'src/greeting.js',
      'src/slug.js',
    ]);
  });

  test('ends with one pull request that is ready for review and one status comment each on issue and pull request', () => {
    const [pull] = first.github.pulls;
    expect(first.github.pulls).toHaveLength(1);
    expect(pull).toMatchObject({
      draft: false,
      state: 'open',
      head: { ref: 'gump/issue-1', sha: head(first) },
    });
    const own = first.github.comments.filter((comment) => String(comment.body).startsWith('<!-- gump:'));
    expect(own).toHaveLength(2);
    expect(own.every((comment) => String(comment.body).includes('**Passed**'))).toBe(true);
  });

  test('gives the same trees, conclusions and comments when it is run again', () => {
    expect(commitsOfBranch(second).map((commit) => commit.tree)).toEqual(
      commitsOfBranch(first).map((commit) => commit.tree),
    );
    expect(conclusions(second)).toEqual(conclusions(first));
    expect(comments(second)).toEqual(comments(first));
  });

  test('writes no secret of its surroundings anywhere', () => {
    const everything = JSON.stringify([first, second]);
    expect(everything).not.toContain(plantedToken);
    expect(everything).not.toContain(Buffer.from(plantedToken).toString('base64').replace(/=+$/, ''));
    expect(everything).not.toMatch(/gh[sp]_[A-Za-z0-9]{8,}|BEGIN [A-Z ]*PRIVATE KEY/);
  });
});

/** Oldest first. */
function commitsOfBranch({ github, ...result }: Result): readonly { message: unknown; tree: unknown }[] {
  const bySha = new Map(github.commits.map((commit) => [commit.sha, commit]));
  const line: { message: unknown; tree: unknown }[] = [];
  for (let sha: unknown = head({ github, ...result }); ; ) {
    const commit = bySha.get(sha) as
      | { commit: { message: string; tree: { sha: string } }; parents: { sha: string }[] }
      | undefined;
    const parent = commit?.parents[0];
    if (!commit || !parent) return line.reverse();
    line.push({ message: commit.commit.message, tree: commit.commit.tree.sha });
    sha = parent.sha;
  }
}

function conclusions({ github }: Result): readonly string[] {
  const treeOf = new Map(
    github.commits.map((commit) => [commit.sha, (commit.commit as { tree: { sha: string } }).tree.sha]),
  );
  return github.check_runs
    .map((check) => `${treeOf.get(check.head_sha)} ${check.name}: ${check.conclusion}`)
    .sort();
}

/** Ids, times, addresses and durations apart. */
function comments({ github }: Result): readonly string[] {
  const bodies = [...github.comments, ...github.reviews, ...github.review_comments].map((comment) =>
    String(comment.body),
  );
  return bodies.map((body) =>
    body
      .replace(/https?:\/\/127\.0\.0\.1:\d+/g, '<address>')
      .replace(/\b[0-9a-f]{40}\b/g, '<commit>')
      .replace(/\d{4}-\d\d-\d\dT[\d:]{8}Z/g, '<time>')
      .replace(/\b(\d+h)?(\d+m)?\d+(\.\d)?s\b/g, '<duration>'),
  );
}
