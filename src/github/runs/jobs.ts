/** The jobs that were started for an issue: workflow runs of GitHub Actions, found by the name of each, which is its run id. */
import { failureOf } from '../api/failure.ts';
import { orNull, pageSize, type RepoName, type RestClient, statusOf } from '../api/rest.ts';
import { runByHand } from './branch.ts';

/** The file that the App starts and that `gump init` writes. */
export const workflowFile = 'gump.yml';

export interface Job {
  /** GitHub's id of the workflow run. */
  readonly id: number;
  /** The run that it works on; `issue-<n>-<id of the job>-hand` for one that was started by hand. */
  readonly runId: string;
  readonly isOver: boolean;
  /** True while no runner has begun it. */
  readonly isWaiting: boolean;
  /** GitHub's words: the conclusion, and the status before there is one. */
  readonly word: string;
  /** ISO 8601, UTC, whole seconds. */
  readonly createdAt: string;
  /** Likewise; anew where a person runs it again. */
  readonly startedAt: string;
  /** Likewise; of one that is over, when it ended or later. */
  readonly updatedAt: string;
  /** Its page. */
  readonly url: string;
}

/**
 * Newest first, of the newest hundred in the repository and of all that are not over; empty where the workflow file is not there.
 * @source GitHub REST, "List workflow runs for a workflow": `status` is queued, in_progress, completed, waiting, requested or
 * pending (2026-11)
 */
export async function jobsOf(
  client: RestClient,
  { owner, repo, issue, runId }: RepoName & JobsWanted,
): Promise<readonly Job[]> {
  const answer = await orNull(listJobs(client, { owner, repo }));
  const newest = answer?.data.workflow_runs ?? [];
  const older = newest.length < pageSize ? [] : await openJobs(client, { owner, repo });
  const all = new Map([...newest, ...older].map((job) => [Number(job.id), job]));
  return [...all.values()]
    .filter(({ display_title: title }) => title.startsWith(`issue-${issue}-`) || title === runId)
    .toSorted((a, b) => Number(b.id) - Number(a.id))
    .map(jobOf);
}

interface JobsWanted {
  readonly issue: number;
  /** Its jobs too, where its id does not say the issue: somebody started it by hand. */
  readonly runId?: string;
}

/** One of them; null where the token may not look at them. */
export async function jobAt(client: RestClient, at: RepoName & { readonly id: number }): Promise<Job | null> {
  const { owner, repo, id } = at;
  const path = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}';
  try {
    return jobOf((await client.request(path, { owner, repo, run_id: id })).data);
  } catch (error) {
    const isRefused = [403, 404].includes(statusOf(error) ?? 0);
    if (isRefused && failureOf(error, Date.now()).kind !== 'throttled') return null;
    throw error;
  }
}

type WorkflowRun = Awaited<ReturnType<typeof listJobs>>['data']['workflow_runs'][number];

function jobOf(job: WorkflowRun): Job {
  return {
    id: Number(job.id),
    runId: runIdOf(job.display_title, Number(job.id)),
    isOver: job.status === 'completed',
    isWaiting: job.status !== 'completed' && job.status !== 'in_progress',
    word: job.conclusion ?? job.status ?? 'queued',
    createdAt: job.created_at,
    startedAt: job.run_started_at ?? job.created_at,
    updatedAt: job.updated_at,
    url: job.html_url,
  };
}

/** A job that a person starts by hand is named by the issue alone (`issue-7-by-hand`), and its run by both. */
function runIdOf(title: string, job: number): string {
  const issue = /^issue-(\d+)-by-hand$/.exec(title)?.[1];
  return issue === undefined ? title : runByHand(Number(issue), String(job));
}

/** What is not over, however many began since. */
async function openJobs(client: RestClient, where: RepoName) {
  const open = ['in_progress', 'queued', 'pending', 'waiting', 'requested'] as const;
  const answers = await Promise.all(open.map((status) => listJobs(client, { ...where, status })));
  return answers.flatMap(({ data }) => data.workflow_runs);
}

type Status = 'in_progress' | 'queued' | 'pending' | 'waiting' | 'requested';

async function listJobs(
  client: RestClient,
  { owner, repo, status }: RepoName & { readonly status?: Status },
) {
  return await client.request('GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', {
    ...{ owner, repo, workflow_id: workflowFile, event: 'workflow_dispatch', per_page: pageSize },
    ...(status === undefined ? {} : { status }),
  });
}
