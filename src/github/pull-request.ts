/** The run's pull request: a draft from the first pushed commit on, ready for review when the run has passed. */
import { limits } from '../limits.ts';
import { cutMiddle } from './cut.ts';
import { type Area, type Job, type Moment, rank } from './deliver.ts';
import type { Place } from './known-checks.ts';
import { progressEnd, progressStart, pullRequestMarker, replaceBlock } from './markers.ts';
import { statusBlock } from './status.ts';
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
}

interface Known {
  readonly number: number;
  readonly nodeId: string;
  isDraft: boolean;
}

export function createPullRequest(options: PullRequestOptions): PullRequestArea {
  const { client, owner, repo, branch } = options;
  const pulls = client.octokit.rest.pulls;
  let known: Known | null = null;
  let isRefused = false;
  let hasLooked = false;

  return {
    name: 'pull request',
    number: () => known?.number ?? null,
    jobs(view, moment) {
      if (!hasLooked) return [job('look', branch, rank.look, async () => await look(view))];
      if (isRefused) return [];
      if (!known) return openJob(view, moment);
      if (!view.ended && !moment.closing) return [];
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

  function endJobs(view: GithubView, { number, nodeId, isDraft }: Known): readonly Job[] {
    const block = blockOf(view, number);
    const update = job('result', block, rank.end, async () => {
      const { data } = await pulls.get({ owner, repo, pull_number: number });
      const before = (data.body ?? '').replaceAll('\r\n', '\n');
      const body = limited(replaceBlock(before, { start: progressStart, end: progressEnd }, block), before);
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
    if (open) known = { number: open.number, nodeId: open.node_id, isDraft: open.draft === true };
    else if (closed) {
      isRefused = true;
      options.log(`Pull request #${closed.number} of this run was closed; no other one is opened.`);
    }
  }

  async function create(view: GithubView): Promise<void> {
    const { data } = await pulls.create({
      ...{ owner, repo, head: branch, base: options.baseBranch, draft: true },
      title: view.pullRequest.title,
      body: bodyOf(view),
    });
    known = { number: data.number, nodeId: data.node_id, isDraft: data.draft === true };
  }

  function bodyOf(view: GithubView): string {
    const block = `${progressStart}\n${blockOf(view, null)}\n${progressEnd}`;
    const what = `Made from a spec by the workflow \`${view.summary.workflow}\`, judged by its gates. Each attempt is a commit, each gate a check on the commit it judged.`;
    return limited(`${pullRequestMarker(view.run)}\n${what}\n\n${block}\n`, block);
  }

  /** The issue is closed by the merge only when the result passed. */
  function blockOf(view: GithubView, number: number | null): string {
    const { issue, runUrl } = options;
    const link =
      issue === null || issue === number ? '' : `${view.pullRequest.ready ? 'Closes' : 'Refs'} #${issue}\n\n`;
    const draft =
      view.ended && !view.pullRequest.ready ? '\n\nThe run did not pass, so this stays a draft.' : '';
    return `${link}${statusBlock({ summary: view.summary, branch, runUrl, issue: null, pullRequest: null })}${draft}`;
  }
}

const readyDocument = `mutation ($id: ID!) {
  markPullRequestReadyForReview(input: { pullRequestId: $id }) {
    pullRequest { isDraft }
  }
}`;

/** The body, or where it is too long what was there before. */
function limited(body: string, otherwise: string): string {
  return body.length <= limits.commentCharactersMax
    ? body
    : cutMiddle(otherwise, { charactersMax: limits.commentCharactersMax });
}
