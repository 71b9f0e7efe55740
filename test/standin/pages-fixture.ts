import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PagesDump, PagesRepository } from './pages/github-data.ts';
import { createPagesHandler } from './pages/pages.ts';
import type { JobRun } from './runner/job-run.ts';
import { fixtureRepository, git, writeFiles } from './runner-fixture.ts';

/** The pages of one repository with constructed data and a real bare repository behind them. */
export interface PagesFixture {
  readonly url: string;
  readonly shas: { readonly base: string; readonly first: string; readonly head: string };
  get(path: string): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }>;
  close(): Promise<void>;
}

const at = (minute: number): string => `2026-11-03T10:${String(minute).padStart(2, '0')}:00Z`;
const mona = { login: 'mona', type: 'User' };
const bot = { login: 'gump[bot]', type: 'Bot' };
const api = 'http://127.0.0.1/api/v3/repos/acme/app';

export const hostile = '<script>alert("x")</script>';

export async function createPagesFixture(jobs: readonly JobRun[] = []): Promise<PagesFixture> {
  const dir = await mkdtemp(join(tmpdir(), 'standin-pages-'));
  const { gitDir, shas } = await createHistory(dir);
  const standin = {
    url: 'http://127.0.0.1',
    state: { repositories: new Map([['acme/app', repositoryOf(gitDir, shas)]]) },
    dump: async () => dumpOf(shas),
  };
  const handler = createPagesHandler(standin, { jobs });
  const server = createServer((request, response) => void handler(request, response));
  const url = await listen(server);
  return {
    url,
    shas,
    async get(path) {
      const response = await fetch(`${url}${path}`, { redirect: 'manual' });
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

type Shas = PagesFixture['shas'];

async function createHistory(dir: string): Promise<{ readonly gitDir: string; readonly shas: Shas }> {
  const work = join(dir, 'work');
  git(dir, 'init', '--quiet', '--initial-branch=main', '--', work);
  const commit = (...message: readonly string[]): string => {
    git(work, 'add', '--all');
    git(work, 'commit', '--quiet', ...message.flatMap((part) => ['-m', part]));
    return git(work, 'rev-parse', 'HEAD').trim();
  };
  await writeFiles(work, { 'src/greeting.js': 'export const hello = "hi";\n', 'README.md': '# App\n' });
  const base = commit('chore: begin');
  git(work, 'switch', '--quiet', '--create', 'gump/issue-1');
  await writeFiles(work, {
    'src/greeting.js': `export const hello = "hi";\n// ${hostile}\nexport const bye = 1;\n`,
  });
  const trailers =
    'Gump-Run: r1\nGump-Step: decompose/greeting/converge\nGump-Attempt: 1\nGump-Agent: claude';
  const first = commit('feat: say goodbye', 'Because people leave.', trailers);
  await writeFiles(work, {
    'src/greeting.js': `export const hello = "hi";\n// ${hostile}\nexport const bye = "bye";\n`,
    'docs/spec.md': '# Spec\n\n| a | b |\n|---|---|\n| 1 | 2 |\n',
  });
  const head = commit(`fix: ${hostile}`, trailers.replace('Attempt: 1', 'Attempt: 2'));
  git(dir, 'clone', '--quiet', '--bare', '--', work, join(dir, 'app.git'));
  return { gitDir: join(dir, 'app.git'), shas: { base, first, head } };
}

function repositoryOf(gitDir: string, shas: Shas): PagesRepository {
  const user = { login: 'mona', id: 1, node_id: 'U_1', type: 'User' as const, name: 'Mona' };
  const annotation = {
    path: 'src/greeting.js',
    start_line: 3,
    end_line: 3,
    start_column: null,
    end_column: null,
    annotation_level: 'failure',
    message: hostile,
    title: 'Not a string',
    raw_details: null,
  };
  const { annotations, threads, remarks } = {
    annotations: [annotation],
    threads: new Map(),
    remarks: new Map(),
  };
  threads.set(71, { id: 71, node_id: 'T_71', pull_number: 2, resolved_by: user });
  threads.set(72, { id: 72, node_id: 'T_72', pull_number: 2, resolved_by: null });
  remarks.set(61, { thread_id: 71 });
  remarks.set(62, { thread_id: 72 });
  const checkRuns = new Map();
  checkRuns.set(41, { annotations });
  return {
    ...fixtureRepository(gitDir),
    review_comments: remarks,
    review_threads: threads,
    check_runs: checkRuns,
    default_branch: shas.base === '' ? 'none' : 'main',
  };
}

function dumpOf(shas: Shas): PagesDump {
  const check = (id: number, name: string, sha: string, conclusion: string | null) => ({
    id,
    name,
    head_sha: sha,
    status: conclusion === null ? 'in_progress' : 'completed',
    conclusion,
    started_at: at(10),
    completed_at: conclusion === null ? null : at(11),
    external_id: `run r1 ${name}`,
    url: `${api}/check-runs/${id}`,
    output: { title: `${name} ended`, summary: `**${conclusion}** ${hostile}`, text: '```\nlog line\n```' },
  });
  const remark = (id: number, line: number | null, body: string, more: object = {}) => ({
    id,
    body,
    user: bot,
    path: 'src/greeting.js',
    line,
    original_line: line ?? 2,
    side: 'RIGHT',
    diff_hunk: '@@ -1 +1,3 @@\n export const hello = "hi";\n+// remark\n+export const bye = 1;',
    pull_request_review_id: 51,
    pull_request_url: `${api}/pulls/2`,
    created_at: at(12),
    updated_at: at(12),
    ...more,
  });
  return {
    issues: [
      {
        number: 1,
        title: `Say goodbye ${hostile}`,
        body: 'Please say **goodbye**.\n\n- [x] hello\n- [ ] bye\n\n<!-- hidden marker -->',
        state: 'open',
        user: mona,
        labels: [{ name: 'gump', color: '5319e7' }],
        created_at: at(0),
        url: `${api}/issues/1`,
        reactions: { eyes: 1, rocket: 0 },
      },
    ],
    comments: [
      {
        id: 31,
        body: `<!-- gump:status -->\nA table:\n\n| step | result |\n|---|---|\n| test | ✓ |\n\n<details><summary>More</summary>\n\nSee #2 and ${hostile}\n\n</details>`,
        user: bot,
        created_at: at(1),
        updated_at: at(9),
        issue_url: `${api}/issues/1`,
        reactions: {},
      },
      {
        id: 32,
        body: '/gump run',
        user: mona,
        created_at: at(2),
        updated_at: at(2),
        issue_url: `${api}/issues/1`,
        reactions: { eyes: 1, rocket: 1 },
      },
    ],
    pulls: [
      {
        number: 2,
        title: 'Say goodbye',
        body: 'Answers #1.',
        state: 'open',
        draft: true,
        merged_at: null,
        user: bot,
        labels: [],
        created_at: at(5),
        url: `${api}/pulls/2`,
        head: { ref: 'gump/issue-1', sha: shas.head },
        base: { ref: 'main', sha: shas.base },
      },
    ],
    reviews: [
      {
        id: 51,
        body: 'Two remarks.',
        user: bot,
        state: 'COMMENTED',
        submitted_at: at(12),
        commit_id: shas.first,
        pull_request_url: `${api}/pulls/2`,
      },
    ],
    review_comments: [
      remark(61, 3, 'A number is no goodbye.'),
      remark(63, 3, 'It is a word now.', { in_reply_to_id: 61, pull_request_review_id: 52 }),
      remark(62, 2, 'Is this comment needed?'),
      remark(64, null, 'This line is gone.'),
    ],
    check_runs: [
      check(41, 'gump / greeting / test', shas.first, 'failure'),
      check(42, 'gump / greeting / test', shas.head, 'failure'),
      check(43, 'gump / greeting / test', shas.head, 'success'),
      check(44, 'gump', shas.head, null),
    ],
    deliveries: [
      {
        id: 1,
        event: 'issues',
        action: 'labeled',
        status: 'OK',
        status_code: 202,
        delivered_at: at(0),
        duration: 0.05,
        redelivery: false,
      },
    ],
    requests: [
      { method: 'GET', path: '/repos/acme/app', status: 200, actor: 'gump[bot]' },
      { method: 'POST', path: `/repos/acme/app/${hostile}`, status: 404, actor: 'gump[bot]' },
    ],
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
}
