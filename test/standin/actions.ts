import { parse } from 'yaml';
import { demandRole } from './auth.ts';
import { readFileAt, readTree, resolveCommit } from './git.ts';
import type { Repository, WorkflowRun } from './records.ts';
import { notFound, Refusal } from './refusal.ts';
import { repositoryApiUrl, repositoryHtmlUrl } from './repos.ts';
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
import { runNameOf } from './run-name.ts';
import {
  abortOf,
  addWorkflowRun,
  announceRun,
  changeWorkflowRun,
  workflowId,
  workflowJson,
  workflowRunJson,
} from './workflow-runs.ts';
import type { Dispatch, World } from './world.ts';

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

async function shownWorkflow(
  world: World,
  repository: Repository,
  path: string,
): Promise<Record<string, unknown>> {
  const source = await readFileAt(repository.git_dir, `refs/heads/${repository.default_branch}`, path);
  const name = text(definition(source ?? '').name) || path;
  return workflowJson(world, repository, { path, name, state: source === null ? 'deleted' : 'active' });
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
  const file = definition(source);
  const github = { actor: actor.user.login, event_name: 'workflow_dispatch', ref_name: branch, sha };
  const run = await addWorkflowRun(world, repository, {
    path,
    name: text(file.name) || path,
    displayTitle: (await runNameOf(file['run-name'], { inputs, github })) ?? undefined,
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

function secretNames(call: RepositoryCall, names: readonly string[]): Answer {
  demandRole(call.actor, call.repository, 'write');
  const { created_at, updated_at } = call.repository;
  const all = names.map((name) => ({ name, created_at, updated_at }));
  return page(call, all, (secrets, total_count) => ({ total_count, secrets }));
}

function settings(call: RepositoryCall, shown: object): Answer {
  demandRole(call.actor, call.repository, 'admin');
  return ok(shown);
}

const SECRETS = [['secrets', 'read']] as const;
const ADMINISTRATION = [['administration', 'read']] as const;
const READ = [['actions', 'read']] as const;
const WRITE = [['actions', 'write']] as const;

export const actionRoutes: readonly Route[] = [
  route('GET', `${R}/actions/secrets`, SECRETS, (call) =>
    secretNames(call, Object.keys(call.repository.secrets)),
  ),
  route('GET', `${R}/actions/organization-secrets`, SECRETS, (call) =>
    secretNames(call, call.repository.organization_secrets),
  ),
  route('GET', `${R}/actions/permissions`, ADMINISTRATION, (call) =>
    settings(call, {
      enabled: call.repository.actions.enabled,
      allowed_actions: 'all',
      sha_pinning_required: false,
    }),
  ),
  route('GET', `${R}/actions/permissions/workflow`, ADMINISTRATION, (call) =>
    settings(call, {
      default_workflow_permissions: 'read',
      can_approve_pull_request_reviews: call.repository.actions.can_approve,
    }),
  ),
  route('GET', `${R}/actions/workflows`, READ, async (call) => {
    const paths = [...(await registered(call.world, call.repository)).keys()];
    const all = await Promise.all(paths.map((path) => shownWorkflow(call.world, call.repository, path)));
    return page(call, all, (workflows, total_count) => ({ total_count, workflows }));
  }),
  route('GET', `${R}/actions/workflows/{workflow_id}`, READ, async (call) =>
    ok(await shownWorkflow(call.world, call.repository, await workflowPathOf(call))),
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
