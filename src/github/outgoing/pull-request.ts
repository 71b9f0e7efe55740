/** The run's pull request: a draft from the first pushed commit on, ready for review when the run has passed. */
import { statusOf } from '../api/rest.ts';
import { pullRequestMarker } from '../markers.ts';
import { type Area, type Job, type Moment, rank } from './deliver.ts';
import type { Place } from './known-checks.ts';
import { blockOf, isOfAnEarlierRun, newBody, type Said, updatedBody } from './pull-request-body.ts';
import type { GithubView } from './view.ts';

export interface PullRequestOptions extends Place {
  readonly branch: string;
  readonly baseBranch: string;
  /** The issue that the run answers; null: none. */
  readonly issue: number | null;
  readonly runUrl: string;
  readonly log: (line: string) => void;
}

export interface PullRequestArea extends Area {
  /** Null while there is none. */
  number(): number | null;
  /** True where it was there before this process: an earlier one, or an earlier run, may have written on it. */
  wasThere(): boolean;
}

interface Known {
  readonly number: number;
  readonly nodeId: string;
  isDraft: boolean;
  /** The body as an earlier run of the same issue left it; null where it is this run's, or a person's. */
  inherited: string | null;
}

export function createPullRequest(options: PullRequestOptions): PullRequestArea {
  const { client, owner, repo, branch } = options;
  const pulls = client.octokit.rest.pulls;
  let known: Known | null = null;
  let isRefused = false;
  let hasLooked = false;
  let wasThere = false;

  return {
    name: 'pull request',
    number: () => known?.number ?? null,
    wasThere: () => wasThere,
    jobs(view, moment) {
      if (!hasLooked) return [job('look', branch, rank.look, async () => await look(view))];
      if (isRefused) return [];
      if (!known) return openJob(view, moment);
      if (!view.ended && !moment.closing) return takeOverJobs(view, known);
      return endJobs(view, known);
    },
  };

  function job(key: string, digest: string, at: number, run: Job['run']): Job {
    return {
      key: `pull request ${key}`,
      digest,
      rank: at,
      dueAtMs: 0,
      what: `the pull request of ${branch} (${key})`,
      run,
    };
  }

  function openJob(view: GithubView, { head }: Moment): readonly Job[] {
    if (head === null || head === view.base) return [];
    return [
      job('open', head, rank.open, async (tries) => {
        // Somebody may have opened it in between, or our own answer was lost.
        if (tries.count > 0) await look(view);
        if (!known && !isRefused) await create(view);
      }),
    ];
  }

  /** A pull request that an earlier run made ready is a draft while this one works on its branch. */
  function takeOverJobs(view: GithubView, { number, nodeId, isDraft, inherited }: Known): readonly Job[] {
    if (inherited === null) return [];
    const told = job('of this run', view.run, rank.open, async () => {
      const body = updatedBody(inherited, said(view, number));
      await pulls.update({ owner, repo, pull_number: number, body });
    });
    if (isDraft) return [told];
    const draft = job('draft again', view.run, rank.open, async () => {
      await client.octokit.graphql(draftDocument, { id: nodeId });
      if (known) known.isDraft = true;
    });
    // As a draft first: what is announced as work in progress must not be merged by one click.
    return [draft, told];
  }

  function endJobs(view: GithubView, { number, nodeId, isDraft }: Known): readonly Job[] {
    const update = job('result', blockOf(said(view, number)), rank.end, async () => {
      const { data } = await pulls.get({ owner, repo, pull_number: number });
      const before = (data.body ?? '').replaceAll('\r\n', '\n');
      const body = updatedBody(before, said(view, number));
      if (body !== before) await pulls.update({ owner, repo, pull_number: number, body });
    });
    if (!view.pullRequest.ready || !isDraft) return [update];
    const ready = job('ready for review', nodeId, rank.end, async () => {
      await client.octokit.graphql(readyDocument, { id: nodeId });
      if (known) known.isDraft = false;
    });
    return [update, ready];
  }

  /** By the head branch; one that a person has closed in this very run is a no. */
  async function look(view: GithubView): Promise<void> {
    const { data } = await pulls.list({
      owner,
      repo,
      head: `${owner}:${branch}`,
      state: 'all',
      per_page: 100,
    });
    const ours = data.filter((pull) => pull.head.ref === branch);
    const open = ours.find((pull) => pull.state === 'open');
    const closed = ours.find((pull) => pull.body?.includes(pullRequestMarker(view.run)));
    hasLooked = true;
    wasThere ||= open !== undefined;
    if (open) known = knownOf(view, open);
    else if (closed) {
      isRefused = true;
      options.log(`Pull request #${closed.number} of this run was closed; no other one is opened.`);
    }
  }

  async function create(view: GithubView): Promise<void> {
    const order = {
      ...{ owner, repo, head: branch, base: options.baseBranch },
      title: view.pullRequest.title,
      body: newBody(said(view, null)),
    };
    const { data } = await pulls.create({ ...order, draft: true }).catch(async (error: unknown) => {
      if (!isWithoutDrafts(error)) throw error;
      return await pulls.create(order);
    });
    known = knownOf(view, data);
  }

  function said(view: GithubView, number: number | null): Said {
    return { view, branch, number, issue: options.issue, runUrl: options.runUrl };
  }
}

interface Pull {
  readonly number: number;
  readonly node_id: string;
  readonly draft?: boolean;
  readonly body: string | null;
}

function knownOf(view: GithubView, pull: Pull): Known {
  const body = (pull.body ?? '').replaceAll('\r\n', '\n');
  return {
    number: pull.number,
    nodeId: pull.node_id,
    isDraft: pull.draft === true,
    inherited: isOfAnEarlierRun(body, view.run) ? body : null,
  };
}

/** @source GitHub: "Draft pull requests are not supported in this repository.", 422, private ones of a free plan (2026-11) */
function isWithoutDrafts(error: unknown): boolean {
  return (
    statusOf(error) === 422 && error instanceof Error && /draft pull requests are not/i.test(error.message)
  );
}

const draftDocument = `mutation ($id: ID!) {
  convertPullRequestToDraft(input: { pullRequestId: $id }) {
    pullRequest { isDraft }
  }
}`;

const readyDocument = `mutation ($id: ID!) {
  markPullRequestReadyForReview(input: { pullRequestId: $id }) {
    pullRequest { isDraft }
  }
}`;
