import { parse } from 'yaml';
import { readCommits, readFileAt, readTree, resolveCommit } from './git.ts';
import { notFound, Refusal } from './refusal.ts';
import { minimalRepositoryJson, repositoryApiUrl, repositoryHtmlUrl } from './repos.ts';
import {
  type Answer,
  NO_CONTENT,
  ok,
  page,
  R,
  type RepositoryCall,
  type Route,
  route,
  text,
} from './router.ts';
import { nextId, nodeId, now, type Repository, type User, type WorkflowRun } from './state.ts';
import { userJson } from './users.ts';
import { emit } from './webhooks.ts';
import type { Actor, Dispatch, RunChange, World } from './world.ts';

const WORKFLOWS = '.github/workflows';

type Fields = Readonly<Record<string, unknown>>;

/** Paths of the workflow files at a commit. */
async function workflowPaths(repository: Repository, commit: string): Promise<string[]> {
  const entries = await readTree(repository.git_dir, commit, true);
  return entries
    .map((entry) => entry.path)
    .filter((path) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path));
}

/** GitHub registers the workflows of the default branch; ids are given once and kept. */
async function registered(world: World, repository: Repository): Promise<Map<string, number>> {
  const commit = await resolveCommit(repository.git_dir, repository.default_branch);
  for (const path of commit ? await workflowPaths(repository, commit) : [])
    workflowId(world, repository, path);
  return repository.workflows;
}

function workflowId(world: World, repository: Repository, path: string): number {
  const id = repository.workflows.get(path) ?? nextId(world.state, 'workflow');
  repository.workflows.set(path, id);
  return id;
}

async function workflowJson(
  world: World,
  repository: Repository,
  path: string,
): Promise<Record<string, unknown>> {
  const id = workflowId(world, repository, path);
  const html = repositoryHtmlUrl(world, repository);
  const file = path.split('/').at(-1) ?? '';
  const source = await readFileAt(repository.git_dir, `refs/heads/${repository.default_branch}`, path);
  return {
    id,
    node_id: nodeId('W', id),
    name: text(definition(source ?? '').name) || path,
    path,
    state: source === null ? 'deleted' : 'active',
    created_at: repository.created_at,
    updated_at: repository.created_at,
    url: `${repositoryApiUrl(world, repository)}/actions/workflows/${id}`,
    html_url: `${html}/blob/${repository.default_branch}/${path}`,
    badge_url: `${html}/actions/workflows/${file}/badge.svg`,
  };
}

/** The path of the workflow that the call names by id or file name. @throws Refusal 404 */
async function workflowPathOf({ world, repository, values }: RepositoryCall): Promise<string> {
  const wanted = String(values.workflow_id);
  const all = await registered(world, repository);
  const found = [...all].find(([path, id]) => String(id) === wanted || path === `${WORKFLOWS}/${wanted}`);
  if (!found) throw notFound();
  return found[0];
}

/** A workflow file as data; nothing for a file that is not YAML. */
function definition(source: string): Fields {
  try {
    const value: unknown = parse(source);
    return value !== null && typeof value === 'object' ? (value as Fields) : {};
  } catch {
    return {};
  }
}

interface DeclaredInput {
  readonly required?: boolean;
  readonly default?: unknown;
  readonly type?: string;
  readonly options?: readonly unknown[];
}

/** What `on: workflow_dispatch` declares; null when the workflow cannot be dispatched. */
function declaredInputs(source: string): Readonly<Record<string, DeclaredInput | null>> | null {
  const { on } = definition(source);
  if (on === 'workflow_dispatch' || (Array.isArray(on) && on.includes('workflow_dispatch'))) return {};
  if (on === null || typeof on !== 'object' || !('workflow_dispatch' in on)) return null;
  const trigger = (on as Fields).workflow_dispatch as {
    inputs?: Record<string, DeclaredInput | null>;
  } | null;
  return trigger?.inputs ?? {};
}

/** The inputs with their defaults. @throws Refusal 422 as GitHub words it. */
function checkedInputs(source: string, given: Fields): Record<string, string> {
  const declared = declaredInputs(source);
  if (!declared) throw new Refusal(422, "Workflow does not have 'workflow_dispatch' trigger");
  const unknown = Object.keys(given).filter((name) => !(name in declared));
  if (unknown.length > 0) throw new Refusal(422, `Unexpected inputs provided: ${JSON.stringify(unknown)}`);
  const inputs: Record<string, string> = {};
  for (const [name, input] of Object.entries(declared)) {
    const value = given[name] ?? input?.default;
    if (value === undefined && input?.required)
      throw new Refusal(422, `Required input '${name}' not provided`);
    if (
      input?.type === 'choice' &&
      value !== undefined &&
      !input.options?.map(String).includes(String(value))
    ) {
      throw new Refusal(
        422,
        `Provided value '${String(value)}' for input '${name}' not in the list of allowed values`,
      );
    }
    inputs[name] = value === undefined || value === null ? '' : String(value);
  }
  return inputs;
}

async function dispatch(call: RepositoryCall): Promise<Answer> {
  const { world, repository, actor, body } = call;
  const path = await workflowPathOf(call);
  const wanted = text(body.ref);
  const sha = await resolveCommit(repository.git_dir, wanted);
  if (!sha) throw new Refusal(422, `No ref found for: ${wanted}`);
  const branch = wanted.replace(/^refs\/(heads|tags)\//, '');
  const isTag = wanted.startsWith('refs/tags/');
  const source = await readFileAt(repository.git_dir, sha, path);
  if (source === null) throw new Refusal(422, `Workflow ${path} does not exist on ${wanted}`);
  const inputs = checkedInputs(source, (body.inputs as Fields | undefined) ?? {});
  const run = await addWorkflowRun(world, repository, {
    path,
    name: text(definition(source).name) || path,
    event: 'workflow_dispatch',
    headBranch: branch,
    headSha: sha,
    actor: actor.user,
    inputs,
  });
  announceRun(world, repository, actor, run, 'requested');
  start(world, {
    owner: repository.owner.login,
    repo: repository.name,
    workflowPath: path,
    ref: `refs/${isTag ? 'tags' : 'heads'}/${branch}`,
    inputs,
    actor: actor.user.login,
    runId: run.id,
    signal: abortOf(world, run.id).signal,
  });
  if (body.return_run_details !== true) return NO_CONTENT;
  const url = `${repositoryApiUrl(world, repository)}/actions/runs/${run.id}`;
  return ok({
    workflow_run_id: run.id,
    run_url: url,
    html_url: `${repositoryHtmlUrl(world, repository)}/actions/runs/${run.id}`,
  });
}

/** Handlers run beside the answer; one that throws ends its run as a failure. */
function start(world: World, request: Dispatch): void {
  for (const handler of world.dispatchHandlers) {
    void Promise.resolve()
      .then(() => handler(request))
      .catch((error: unknown) => {
        process.stderr.write(`stand-in: the dispatch handler failed: ${String(error)}\n`);
        changeWorkflowRun(world, request.runId, { status: 'completed', conclusion: 'failure' });
      });
  }
}

function abortOf(world: World, runId: number): AbortController {
  const found = world.cancellations.get(runId) ?? new AbortController();
  world.cancellations.set(runId, found);
  return found;
}

export interface NewRun {
  readonly path: string;
  readonly name: string;
  readonly event: string;
  readonly headBranch: string;
  readonly headSha: string;
  readonly actor: User;
  readonly inputs: Readonly<Record<string, string>>;
}

/** A run in the state `queued`. @throws Error when the commit does not exist. */
export async function addWorkflowRun(
  world: World,
  repository: Repository,
  from: NewRun,
): Promise<WorkflowRun> {
  const [commit] = await readCommits(repository.git_dir, [from.headSha]);
  if (!commit)
    throw new Error(`No workflow run was made: ${repository.full_name} has no commit ${from.headSha}.`);
  const { author, committer } = commit;
  const id = nextId(world.state, 'workflow_run');
  const at = now();
  const run: WorkflowRun = {
    id,
    node_id: nodeId('WFR', id),
    name: from.name,
    path: from.path,
    workflow_id: workflowId(world, repository, from.path),
    run_number: [...repository.workflow_runs.values()].filter((other) => other.path === from.path).length + 1,
    event: from.event,
    head_branch: from.headBranch,
    head_sha: from.headSha,
    actor: from.actor,
    inputs: from.inputs,
    head_commit: {
      id: commit.sha,
      tree_id: commit.tree,
      message: commit.message,
      timestamp: committer.date,
      author: { name: author.name, email: author.email },
      committer: { name: committer.name, email: committer.email },
    },
    created_at: at,
    status: 'queued',
    conclusion: null,
    run_started_at: at,
    updated_at: at,
  };
  repository.workflow_runs.set(id, run);
  return run;
}

/** Moves a run on and tells the world; an unknown id or a run that has ended is left alone. */
export function changeWorkflowRun(world: World, runId: number, change: RunChange): void {
  const repository = [...world.state.repositories.values()].find((entry) => entry.workflow_runs.has(runId));
  const run = repository?.workflow_runs.get(runId);
  if (!repository || !run || run.status === 'completed') return;
  const isNew = run.status !== change.status;
  run.status = change.status;
  run.conclusion = change.status === 'completed' ? (change.conclusion ?? 'success') : null;
  run.updated_at = now();
  const actor: Actor = { kind: 'user', user: run.actor, app: null, token: null, permissions: 'all' };
  if (isNew) announceRun(world, repository, actor, run, run.status);
}

function announceRun(
  world: World,
  repository: Repository,
  actor: Actor,
  run: WorkflowRun,
  action: string,
): void {
  const payload = {
    workflow_run: workflowRunJson(world, repository, run),
    workflow: { id: run.workflow_id, name: run.name, path: run.path, state: 'active' },
  };
  emit(world, { repository, actor, event: 'workflow_run', action, payload });
}

/** GitHub's `workflow-run`. */
export function workflowRunJson(
  world: World,
  repository: Repository,
  run: WorkflowRun,
): Record<string, unknown> {
  const { inputs: _, actor, ...fields } = run;
  const api = repositoryApiUrl(world, repository);
  const url = `${api}/actions/runs/${run.id}`;
  return {
    ...fields,
    display_title: run.name,
    run_attempt: 1,
    check_suite_id: run.id,
    check_suite_node_id: nodeId('CS', run.id),
    url,
    html_url: `${repositoryHtmlUrl(world, repository)}/actions/runs/${run.id}`,
    pull_requests: [],
    referenced_workflows: [],
    actor: userJson(world, actor),
    triggering_actor: userJson(world, actor),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${api}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${api}/actions/workflows/${run.workflow_id}`,
    repository: minimalRepositoryJson(world, repository),
    head_repository: minimalRepositoryJson(world, repository),
  };
}

function listRuns(call: RepositoryCall, path?: string): Answer {
  const { world, repository, values } = call;
  const runs = [...repository.workflow_runs.values()]
    .filter((run) => path === undefined || run.path === path)
    .filter((run) => !values.status || run.status === values.status || run.conclusion === values.status)
    .filter((run) => !values.event || run.event === values.event)
    .filter((run) => !values.branch || run.head_branch === values.branch)
    .filter((run) => !values.actor || run.actor.login === values.actor)
    .filter((run) => !values.head_sha || run.head_sha === values.head_sha)
    .toSorted((left, right) => right.id - left.id)
    .map((run) => workflowRunJson(world, repository, run));
  return page(call, runs, (workflow_runs, total_count) => ({ total_count, workflow_runs }));
}

function runOf({ repository, values }: RepositoryCall): WorkflowRun {
  const run = repository.workflow_runs.get(Number(values.run_id));
  if (!run) throw notFound();
  return run;
}

function cancel(call: RepositoryCall): Answer {
  const run = runOf(call);
  if (run.status === 'completed') throw new Refusal(409, 'Cannot cancel a workflow run that is completed.');
  abortOf(call.world, run.id).abort();
  // Nobody works on a queued run, so nobody would end it.
  if (run.status === 'queued')
    changeWorkflowRun(call.world, run.id, { status: 'completed', conclusion: 'cancelled' });
  return ok({}, 202);
}

const READ = [['actions', 'read']] as const;
const WRITE = [['actions', 'write']] as const;

export const actionRoutes: readonly Route[] = [
  route('GET', `${R}/actions/workflows`, READ, async (call) => {
    const paths = [...(await registered(call.world, call.repository)).keys()];
    const all = await Promise.all(paths.map((path) => workflowJson(call.world, call.repository, path)));
    return page(call, all, (workflows, total_count) => ({ total_count, workflows }));
  }),
  route('GET', `${R}/actions/workflows/{workflow_id}`, READ, async (call) =>
    ok(await workflowJson(call.world, call.repository, await workflowPathOf(call))),
  ),
  route('POST', `${R}/actions/workflows/{workflow_id}/dispatches`, WRITE, dispatch),
  route('GET', `${R}/actions/workflows/{workflow_id}/runs`, READ, async (call) =>
    listRuns(call, await workflowPathOf(call)),
  ),
  route('GET', `${R}/actions/runs`, READ, (call) => listRuns(call)),
  route('GET', `${R}/actions/runs/{run_id}`, READ, (call) =>
    ok(workflowRunJson(call.world, call.repository, runOf(call))),
  ),
  route('POST', `${R}/actions/runs/{run_id}/cancel`, WRITE, cancel),
];
