import { readCommits } from './git.ts';
import type { Repository, User, WorkflowRun } from './records.ts';
import { minimalRepositoryJson, repositoryApiUrl, repositoryHtmlUrl } from './repos.ts';
import { nextId, nodeId, now } from './state.ts';
import { userJson } from './users.ts';
import { emit } from './webhooks.ts';
import type { Actor, RunChange, World } from './world.ts';

/** Aborted when somebody cancels the run. */
export function abortOf(world: World, runId: number): AbortController {
  const found = world.cancellations.get(runId) ?? new AbortController();
  world.cancellations.set(runId, found);
  return found;
}

export interface NewRun {
  readonly path: string;
  readonly name: string;
  /** Default: the name. */
  readonly displayTitle?: string | undefined;
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
    display_title: from.displayTitle ?? from.name,
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

/** Moves a run on and tells the world; an unknown id or a run that has ended is left alone, unless it is run again. */
export function changeWorkflowRun(world: World, runId: number, change: RunChange): void {
  const repository = [...world.state.repositories.values()].find((entry) => entry.workflow_runs.has(runId));
  const run = repository?.workflow_runs.get(runId);
  if (!repository || !run) return;
  const isAgain = run.status === 'completed' && change.status === 'queued';
  if (run.status === 'completed' && !isAgain) return;
  if (isAgain) run.run_started_at = now();
  const isNew = run.status !== change.status;
  run.status = change.status;
  run.conclusion = change.status === 'completed' ? (change.conclusion ?? 'success') : null;
  run.updated_at = now();
  const actor: Actor = { kind: 'user', user: run.actor, app: null, token: null, permissions: 'all' };
  if (isNew) announceRun(world, repository, actor, run, run.status);
}

export function announceRun(
  world: World,
  repository: Repository,
  actor: Actor,
  run: WorkflowRun,
  action: string,
): void {
  const payload = {
    workflow_run: workflowRunJson(world, repository, run),
    workflow: workflowJson(world, repository, { path: run.path, name: run.name, state: 'active' }),
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

/** Ids are given once and kept. */
export function workflowId(world: World, repository: Repository, path: string): number {
  const id = repository.workflows.get(path) ?? nextId(world.state, 'workflow');
  repository.workflows.set(path, id);
  return id;
}

/** GitHub's `workflow`. */
export function workflowJson(
  world: World,
  repository: Repository,
  {
    path,
    name,
    state,
  }: { readonly path: string; readonly name: string; readonly state: 'active' | 'deleted' },
): Record<string, unknown> {
  const id = workflowId(world, repository, path);
  const html = repositoryHtmlUrl(world, repository);
  return {
    id,
    node_id: nodeId('W', id),
    name,
    path,
    state,
    created_at: repository.created_at,
    updated_at: repository.created_at,
    url: `${repositoryApiUrl(world, repository)}/actions/workflows/${id}`,
    html_url: `${html}/blob/${repository.default_branch}/${path}`,
    badge_url: `${html}/actions/workflows/${path.split('/').at(-1) ?? ''}/badge.svg`,
  };
}
