import { appJson } from './apps.ts';
import { forbidden } from './auth.ts';
import { commitOr422 } from './commits.ts';
import { pullsMinimalJson } from './pulls-json.ts';
import type { Annotation, CheckRun, Repository } from './records.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { repositoryApiUrl, repositoryHtmlUrl } from './repos.ts';
import { type Answer, ok, page, R, type RepositoryCall, type Route, route, text } from './router.ts';
import { nextId, nodeId, now } from './state.ts';
import { emit } from './webhooks.ts';
import type { World } from './world.ts';

/** GitHub's `check-run`. */
export function checkRunJson(world: World, repository: Repository, run: CheckRun): Record<string, unknown> {
  const { app_id: appId, check_suite_id: suiteId, annotations, actions: _, ...fields } = run;
  const url = `${repositoryApiUrl(world, repository)}/check-runs/${run.id}`;
  const app = world.state.apps.get(appId);
  return {
    ...fields,
    url,
    html_url: `${repositoryHtmlUrl(world, repository)}/runs/${run.id}`,
    output: { ...run.output, annotations_count: annotations.length, annotations_url: `${url}/annotations` },
    check_suite: { id: suiteId },
    app: app ? appJson(world, app) : null,
    pull_requests: pullsMinimalJson(world, repository, run.head_sha),
  };
}

type Fields = Readonly<Record<string, unknown>>;

async function createCheckRun(call: RepositoryCall): Promise<Answer> {
  const { world, repository, actor, body } = call;
  if (!actor.app) throw new Refusal(403, 'You must authenticate via a GitHub App.');
  const sha = await commitOr422(repository, text(body.head_sha));
  const id = nextId(world.state, 'check_run');
  const url = `${repositoryHtmlUrl(world, repository)}/runs/${id}`;
  const run: CheckRun = {
    id,
    node_id: nodeId('CR', id),
    name: text(body.name),
    head_sha: sha,
    app_id: actor.app.id,
    check_suite_id: suiteOf(call, sha),
    external_id: text(body.external_id),
    details_url: text(body.details_url) || url,
    status: text(body.status) || 'queued',
    conclusion: null,
    started_at: text(body.started_at) || now(),
    completed_at: null,
    output: { title: null, summary: null, text: null },
    annotations: [],
    actions: (body.actions as CheckRun['actions'] | undefined) ?? [],
  };
  change(run, body);
  repository.check_runs.set(id, run);
  emitCheckRun(call, run, 'created');
  if (run.status === 'completed') emitCheckRun(call, run, 'completed');
  return ok(checkRunJson(world, repository, run), 201);
}

/** One suite per App and commit. */
function suiteOf({ world, repository, actor }: RepositoryCall, sha: string): number {
  const same = [...repository.check_runs.values()].find(
    (run) => run.head_sha === sha && run.app_id === actor.app?.id,
  );
  return same?.check_suite_id ?? nextId(world.state, 'check_suite');
}

function changeCheckRun(call: RepositoryCall): Answer {
  const { world, repository, actor, body } = call;
  const run = runOf(call);
  if (!actor.app) throw forbidden(actor);
  if (actor.app.id !== run.app_id) {
    throw new Refusal(
      403,
      `Invalid app_id \`${actor.app.id}\` - check run can only be modified by the GitHub App that created it.`,
    );
  }
  const wasCompleted = run.status === 'completed';
  if (typeof body.name === 'string') run.name = body.name;
  if (typeof body.external_id === 'string') run.external_id = body.external_id;
  if (typeof body.details_url === 'string') run.details_url = body.details_url;
  if (typeof body.started_at === 'string') run.started_at = body.started_at;
  if (body.actions !== undefined) run.actions = body.actions as CheckRun['actions'];
  change(run, body);
  if (run.status === 'completed' && !wasCompleted) emitCheckRun(call, run, 'completed');
  return ok(checkRunJson(world, repository, run));
}

/** Bytes, though the documentation says characters. @source github.com/github/docs/issues/35252 (2026-11) */
const TEXT_BYTES_MAX = 65_535;

/** Status, conclusion and output; annotations are added to those that are there. @throws Refusal 422 */
function change(run: CheckRun, body: Fields): void {
  const conclusion = text(body.conclusion);
  if (body.status === 'completed' && conclusion === '' && run.conclusion === null) {
    throw invalid([{ resource: 'CheckRun', field: 'conclusion', code: 'missing_field' }]);
  }
  if (typeof body.status === 'string') run.status = body.status;
  // A conclusion alone completes the run; anything else opens it again.
  if (conclusion !== '') run.status = 'completed';
  run.conclusion = run.status === 'completed' ? conclusion || run.conclusion : null;
  run.completed_at =
    run.status === 'completed' ? text(body.completed_at) || (run.completed_at ?? now()) : null;
  if (body.output === undefined) return;
  const output = body.output as Fields;
  run.output = {
    title: text(output.title) || run.output.title,
    summary: text(output.summary) || run.output.summary,
    text: text(output.text) || run.output.text,
  };
  for (const field of ['summary', 'text'] as const) {
    if (Buffer.byteLength(run.output[field] ?? '') <= TEXT_BYTES_MAX) continue;
    const message = `${field} exceeds a maximum bytesize of ${TEXT_BYTES_MAX}`;
    throw invalid([{ resource: 'CheckRun', code: 'custom', field, message }]);
  }
  run.annotations.push(...((output.annotations as readonly Fields[] | undefined) ?? []).map(annotation));
}

function annotation(from: Fields): Annotation {
  const { start_line: start, end_line: end, start_column: startColumn, end_column: endColumn } = from;
  if (Number(end) < Number(start))
    throw invalid([{ resource: 'CheckRun', field: 'end_line', code: 'invalid' }]);
  if (startColumn !== undefined && start !== end) {
    throw invalid([{ resource: 'CheckRun', field: 'start_column', code: 'invalid' }]);
  }
  if (Buffer.byteLength(text(from.message)) > 64 * 1024) {
    throw invalid([{ resource: 'CheckRun', field: 'message', code: 'invalid' }]);
  }
  return {
    path: text(from.path),
    start_line: Number(start),
    end_line: Number(end),
    start_column: startColumn === undefined ? null : Number(startColumn),
    end_column: endColumn === undefined ? null : Number(endColumn),
    annotation_level: text(from.annotation_level),
    message: text(from.message),
    title: text(from.title) || null,
    raw_details: text(from.raw_details) || null,
  };
}

function emitCheckRun(call: RepositoryCall, run: CheckRun, action: string): void {
  const { world, repository, actor } = call;
  const json = checkRunJson(world, repository, run);
  const payload = { check_run: { ...json, check_suite: suiteJson(world, repository, run) } };
  emit(world, { repository, actor, event: 'check_run', action, payload });
}

/** The suite as webhooks show it: its state is that of all its runs together. */
export function suiteJson(world: World, repository: Repository, run: CheckRun): Record<string, unknown> {
  const { check_suite_id: id, head_sha: sha } = run;
  const runs = [...repository.check_runs.values(), run].filter((other) => other.check_suite_id === id);
  const isDone = runs.every((other) => other.status === 'completed');
  const app = world.state.apps.get(run.app_id);
  const pulls = pullsMinimalJson(world, repository, sha);
  return {
    id,
    node_id: nodeId('CS', id),
    head_sha: sha,
    head_branch: [...repository.pulls.values()].find((pull) => pull.head.sha === sha)?.head.ref ?? null,
    status: isDone ? 'completed' : 'in_progress',
    conclusion: isDone
      ? (runs.find((other) => other.conclusion !== 'success')?.conclusion ?? 'success')
      : null,
    url: `${repositoryApiUrl(world, repository)}/check-suites/${id}`,
    before: null,
    after: sha,
    pull_requests: pulls,
    app: app ? appJson(world, app) : null,
  };
}

function runOf({ repository, values }: RepositoryCall): CheckRun {
  const run = repository.check_runs.get(Number(values.check_run_id));
  if (!run) throw notFound();
  return run;
}

/** By default only the newest run of each name and App, as on GitHub. */
async function listForRef(call: RepositoryCall): Promise<Answer> {
  const { world, repository, values } = call;
  const sha = await commitOr422(repository, text(values.ref));
  const matches = [...repository.check_runs.values()]
    .filter((run) => run.head_sha === sha)
    .filter((run) => !values.check_name || run.name === values.check_name)
    .filter((run) => !values.status || run.status === values.status)
    .filter((run) => values.app_id === undefined || run.app_id === values.app_id);
  const newest = new Map(matches.map((run) => [`${run.app_id}/${run.name}`, run]));
  const chosen = values.filter === 'all' ? matches : [...newest.values()];
  const json = chosen.toReversed().map((run) => checkRunJson(world, repository, run));
  return page(call, json, (check_runs, total_count) => ({ total_count, check_runs }));
}

const READ = [['checks', 'read']] as const;
const WRITE = [['checks', 'write']] as const;

export const checkRoutes: readonly Route[] = [
  route('GET', `${R}/commits/{ref}/check-runs`, READ, listForRef),
  route('POST', `${R}/check-runs`, WRITE, createCheckRun),
  route('GET', `${R}/check-runs/{check_run_id}`, READ, (call) =>
    ok(checkRunJson(call.world, call.repository, runOf(call))),
  ),
  route('PATCH', `${R}/check-runs/{check_run_id}`, WRITE, changeCheckRun),
  route('GET', `${R}/check-runs/{check_run_id}/annotations`, READ, (call) => {
    const run = runOf(call);
    const html = repositoryHtmlUrl(call.world, call.repository);
    return page(
      call,
      run.annotations.map((entry) => ({ ...entry, blob_href: `${html}/blob/${run.head_sha}/${entry.path}` })),
    );
  }),
];
