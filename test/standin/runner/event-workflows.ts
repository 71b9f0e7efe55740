import type { Runner } from '../runner.ts';
import type { Standin } from '../standin.ts';
import type { RepositoryEvent } from '../world.ts';
import { loadGithubPackages } from './github-packages.ts';
import { gitOutputIfAny, resolveRef } from './repository-git.ts';
import { readWorkflow, type WorkflowFile } from './workflow-file.ts';

/** Types that start a workflow where its file names none; for other events every type does. */
const typesDefault: Readonly<Record<string, readonly string[]>> = {
  pull_request: ['opened', 'synchronize', 'reopened'],
};

/**
 * Starts the workflows of the default branch that listen to what happens in a repository (issues, comments,
 * reviews, …), as GitHub does where no App is installed. Dispatches are not among them, nor is `push`.
 *
 * @returns a way to wait until every event so far has been looked at
 * @source docs, "Events that trigger workflows" (2026-11); a review's workflow is read from the default branch
 *   here, from the merge commit on GitHub
 */
export function startWorkflowsOnEvents(standin: Standin, runner: Runner): { idle(): Promise<void> } {
  // One after another, so that runs have the order of their events.
  let order: Promise<void> = Promise.resolve();
  standin.onEvent((event) => {
    if (!event.startsWorkflows || event.event === 'push' || event.event.startsWith('workflow_')) return;
    order = order
      .then(() => startWorkflows(standin, runner, event))
      .catch((error: unknown) => {
        process.stderr.write(`stand-in: no workflow was started for ${event.event}: ${String(error)}\n`);
      });
  });
  return {
    async idle() {
      for (let seen: Promise<void> | undefined; seen !== order; ) {
        seen = order;
        await seen;
      }
    },
  };
}

async function startWorkflows(standin: Standin, runner: Runner, event: RepositoryEvent): Promise<void> {
  const { repository, actor } = event;
  const branch = repository.default_branch;
  const head = await resolveRef(repository.git_dir, `refs/heads/${branch}`);
  if (head === undefined) return;
  for (const workflow of await workflowsAt(repository.git_dir, head.sha)) {
    if (!listensTo(workflow, event)) continue;
    const { path: workflowPath, name } = workflow;
    const run = await standin.startRun(repository.full_name, {
      ...{ workflowPath, name, event: event.event, branch, sha: head.sha, actor },
    });
    await runner.start({
      owner: repository.owner.login,
      repo: repository.name,
      workflowPath,
      ref: head.ref,
      inputs: {},
      actor,
      runId: run.id,
      signal: standin.runSignal(run.id),
      eventName: event.event,
      payload: event.payload,
    });
  }
}

async function workflowsAt(gitDir: string, sha: string): Promise<readonly WorkflowFile[]> {
  const listed = await gitOutputIfAny(gitDir, ['ls-tree', '--name-only', '-z', sha, '.github/workflows/']);
  const paths = (listed ?? '').split('\0').filter((path) => /\.ya?ml$/.test(path));
  const packages = await loadGithubPackages();
  return Promise.all(
    paths.map(async (path) => {
      const content = await gitOutputIfAny(gitDir, ['cat-file', 'blob', `${sha}:${path}`]);
      return readWorkflow(packages, path, content ?? '');
    }),
  );
}

function listensTo(workflow: WorkflowFile, event: RepositoryEvent): boolean {
  if (!workflow.triggers.includes(event.event)) return false;
  const types = workflow.typesOf(event.event) ?? typesDefault[event.event];
  return types === undefined || event.action === null || types.includes(event.action);
}
