/** Starts the Action for a run: one `workflow_dispatch` on the default branch, whoever hosts the handlers. */
import { limits } from '../../limits.ts';
import { failureOf } from '../api/failure.ts';
import { isInDoubt, type RestClient } from '../api/rest.ts';
import { harmlessLine } from '../defuse.ts';
import type { Dispatch, DispatchOrder, DispatchResult } from './dispatch.ts';
import { type Job, jobsOf, workflowFile } from './jobs.ts';
import { fileReader } from './workflow-facts.ts';

const workflowPath = `.github/workflows/${workflowFile}`;

/**
 * Looks first whether the run was started before: a crash may have come between the dispatch and its 🚀, and a lost
 * answer may belong to a dispatch that was carried out. Jobs of one issue come one after another: GitHub lets them wait
 * in the order of their dispatches, where the workflow file asks for it (`queue: max`); else only one may wait.
 */
export function launcher(client: RestClient): Dispatch {
  return async (order) => {
    for (let tries = 1; ; tries++) {
      try {
        return await launch(client, order);
      } catch (error) {
        const problem = problemOf(error, order);
        if (problem !== null) return { started: false, problem } satisfies DispatchResult;
        if (!isInDoubt(error) || tries >= limits.githubDoubtTriesMax) throw error;
        await new Promise((resolve) => setTimeout(resolve, tries * 1_000));
      }
    }
  };
}

async function launch(client: RestClient, order: DispatchOrder): Promise<DispatchResult> {
  const jobs = await jobsOf(client, order);
  const ahead = jobs.filter((job) => !job.isOver && !isOwn(job, order));
  const behind = ahead[0]?.runId ?? null;
  if (jobs.some((job) => isOwn(job, order))) return { started: true, behind };
  const busy = ahead.find((job) => job.runId === order.runId && !isAtItsEnd(job, order));
  if (busy) {
    const problem = `The run \`${busy.runId}\` is under way already ([log](${busy.url})). \`/gump stop\` stops it.`;
    return { started: false, problem };
  }
  // Behind one there is room for one; a second that waits would be thrown away by GitHub.
  const [last] = ahead;
  if (last && ahead.length > 1 && !(await hasQueue(client, order))) {
    const problem = `The run \`${last.runId}\` of this issue waits already for an earlier one ([log](${last.url})), and without \`queue: max\` in \`${workflowPath}\` GitHub lets only one wait. Comment the command again when that one has begun, or cancel it there.`;
    return { started: false, problem };
  }
  await start(client, order);
  return { started: true, behind };
}

/** A run begins once; what goes on with it asks for the same id again, so only a newer job is its own. */
function isOwn(job: Job, { runId, command, since, within }: DispatchOrder): boolean {
  const isNew = command === 'run' || command === 'fix' || command === 'replay';
  return job.runId === runId && job.id !== within && (isNew || job.createdAt >= since);
}

/** The job that asks for a fresh one; the one whose run has asked a person, who may answer before GitHub calls the job over. */
function isAtItsEnd(job: Job, { within, askedAt }: DispatchOrder): boolean {
  return job.id === within || (askedAt !== undefined && !job.isWaiting && job.startedAt < askedAt);
}

/**
 * Whether the file lets more than one job of an issue wait.
 * @source github.blog/changelog, "concurrency groups now allow larger queues" (2026-05): up to 100; Enterprise Server 3.19
 * has none and takes no file that asks for it
 */
async function hasQueue(client: RestClient, { owner, repo, ref }: DispatchOrder): Promise<boolean> {
  const text = await fileReader(client, { owner, repo, ref })(workflowPath);
  return /^ *queue: *max *$/m.test(text ?? '');
}

async function start(client: RestClient, order: DispatchOrder): Promise<void> {
  await client.request('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
    owner: order.owner,
    repo: order.repo,
    workflow_id: workflowFile,
    ref: order.ref,
    inputs: dispatchInputs(order),
  });
}

/** All text, as the API wants it; what has no value is left out, and what nobody types is one input. */
export function dispatchInputs(order: DispatchOrder): Record<string, string> {
  const { options, spec, told } = order;
  const { step = null, ...rest } = told;
  const details = { ...(spec && { 'spec-commit': spec.commit, 'spec-hash': spec.hash }), ...rest };
  const inputs: Record<string, string | null> = {
    command: options.dryRun && order.command === 'run' ? 'dry-run' : order.command,
    issue: String(order.issue),
    'run-id': order.runId,
    workflow: order.workflow,
    agent: options.agent,
    'max-budget': options.maxBudgetUsd === null ? null : String(options.maxBudgetUsd),
    'max-parallel': options.maxParallel === null ? null : String(options.maxParallel),
    base: options.base,
    step,
    order: Object.keys(details).length === 0 ? null : JSON.stringify(details),
  };
  return Object.fromEntries(
    Object.entries(inputs).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

/** What a person can mend, as markdown; null for what only time can. */
function problemOf(error: unknown, { ref }: DispatchOrder): string | null {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : null;
  if (failureOf(error, Date.now()).kind === 'throttled') return null;
  const file = `\`${workflowPath}\``;
  if (status === 404) {
    return `There is no ${file} on the branch \`${ref}\`. Copy Gump's template (\`action/workflow-template.yml\`) there, then comment the command again.`;
  }
  if (status === 403) {
    return `GitHub does not let Gump start ${file}: it needs the permission "Actions: write". Grant it on the App's installation page (without an App: in the workflow file), then comment the command again.`;
  }
  if (status === 422) {
    const words = harmlessLine(error instanceof Error ? error.message : '').replaceAll('`', "'");
    if (/disabled/i.test(words)) {
      return `GitHub does not start ${file}: it is disabled (\`${words}\`). Enable it on the repository's Actions page, then comment the command again.`;
    }
    return `GitHub did not accept ${file} on the branch \`${ref}\` (\`${words}\`): it differs from Gump's template (\`action/workflow-template.yml\`). Bring it up to date, then comment the command again.`;
  }
  return null;
}
