import { basename } from 'node:path';
import { Refusal } from '../refusal.ts';
import type { RunnerStandin } from '../runner.ts';
import { dispatchValues } from './dispatch-inputs.ts';
import { dispatchPayload } from './event-payload.ts';
import type { Json } from './expression.ts';
import type { GithubPackages } from './github-packages.ts';
import { gitOutputIfAny, resolveRef } from './repository-git.ts';
import type { PreparedRun, RunRequest } from './run-request.ts';
import { readWorkflow, type WorkflowFile } from './workflow-file.ts';

export interface PreparedWorkflow {
  readonly run: PreparedRun;
  readonly workflow: WorkflowFile;
}

export interface PrepareRequest {
  readonly request: RunRequest;
  /** Runs before this one; gives an id and a number to a run that the stand-in does not know. */
  readonly count: number;
}

/**
 * Reads the workflow at the asked ref and holds the request to it.
 *
 * @throws Refusal in GitHub's words: no repository, ref, workflow or trigger, or wrong inputs
 */
export async function prepareRun(
  packages: GithubPackages,
  standin: RunnerStandin,
  { request, count }: PrepareRequest,
): Promise<PreparedWorkflow> {
  const fullName = `${request.owner}/${request.repo}`;
  const repository = standin.state.repositories.get(fullName.toLowerCase());
  if (repository === undefined) throw new Refusal(404, 'Not Found');
  // A branch may have moved on since the run was made.
  const known = request.runId === undefined ? undefined : repository.workflow_runs?.get(request.runId);
  const current = await resolveRef(repository.git_dir, request.ref);
  const found = current && { ref: current.ref, sha: known?.head_sha ?? current.sha };
  if (found === undefined) throw new Refusal(422, `No ref found for: ${request.ref}`);
  const path = request.workflowPath;
  const content = await gitOutputIfAny(repository.git_dir, ['cat-file', 'blob', `${found.sha}:${path}`]);
  if (content === undefined)
    throw new Refusal(404, `Workflow ${basename(path)} was not found at ${request.ref}.`);
  const workflow = await readWorkflow(packages, path, content);
  const eventName = request.eventName ?? 'workflow_dispatch';
  if (!workflow.triggers.includes(eventName)) {
    throw new Refusal(422, `Workflow does not have '${eventName}' trigger`);
  }
  const isDispatch = eventName === 'workflow_dispatch';
  const values = isDispatch
    ? dispatchValues(workflow.dispatchInputs, request.inputs)
    : { payload: {}, context: {} };
  const payload = dispatchPayload({
    repository,
    server: standin,
    workflowPath: path,
    ref: found.ref,
    inputs: values.payload,
    actor: request.actor,
  });
  const run: PreparedRun = {
    runId: request.runId ?? 1001 + count,
    runNumber: known?.run_number ?? count + 1,
    runAttempt: 1,
    repository: repository.full_name,
    owner: repository.owner.login,
    repositoryId: repository.id,
    ownerId: repository.owner.id,
    gitDir: repository.git_dir,
    eventName,
    event: isDispatch ? payload : plainJson(request.payload ?? {}),
    ref: found.ref,
    sha: found.sha,
    actor: request.actor,
    triggeringActor: request.actor,
    inputs: values.context,
    inputTexts: values.payload,
    secrets: repository.secrets,
    variables: repository.variables,
  };
  return { run, workflow };
}

/** A payload as a reader of the event file would see it. */
function plainJson(payload: Readonly<Record<string, unknown>>): Record<string, Json> {
  return JSON.parse(JSON.stringify(payload)) as Record<string, Json>;
}
