import { comment, issueComment, labels, review } from './conversation.ts';
import type { CommitData } from './git-data.ts';
import type { PullData, RepositoryData } from './github-data.ts';
import { hasNumber } from './github-data.ts';
import { type Html, html } from './html.ts';
import { time } from './layout.ts';
import { checkList, latestChecks, type Mark, markOf, markSign, rollup } from './marks.ts';
import { pullHead } from './pull-head.ts';

export interface PullView {
  readonly repository: RepositoryData;
  readonly pull: PullData;
  /** Oldest first. */
  readonly commits: readonly CommitData[];
}

/** The check that a repository of ours requires. */
const requiredCheck = 'gump';

/** A pull request's conversation: text, commits, comments and reviews as they came, checks, merge box. */
export function pullPage(view: PullView): Html {
  const { repository, pull } = view;
  const opening = { body: pull.body, user: pull.user, created_at: pull.created_at };
  const checks = latestChecks(repository.checkRuns, pull.head.sha);
  return html`${pullHead(view, 'conversation')}
${labels(pull.labels)}
${comment(opening, { repositoryUrl: repository.url })}
${timeline(view)}
<h2 id="checks">Checks of ${pull.head.sha.slice(0, 7)}</h2>
<section class="box">${checks.length === 0 ? html`<p class="inside quiet">No checks.</p>` : checkList(repository.url, checks)}</section>
${mergeBox(view)}`;
}

/** One line per commit, with the mark of its checks. */
export function commitRow(repository: RepositoryData, commit: CommitData): Html {
  const mark = rollup(latestChecks(repository.checkRuns, commit.sha));
  const attempt = commit.trailers.find(([name]) => name === 'Gump-Attempt')?.[1];
  const step = commit.trailers.find(([name]) => name === 'Gump-Step')?.[1];
  return html`<li><a href="${repository.url}/commit/${commit.sha}">${commit.subject}</a>
${step === undefined ? null : html`<span class="tag">${step}${attempt === undefined ? '' : ` #${attempt}`}</span>`}
<span class="end">${markSign(mark)} <a class="mono" href="${repository.url}/commit/${commit.sha}">${commit.sha.slice(0, 7)}</a></span></li>`;
}

interface Moment {
  readonly at: string;
  readonly view: Html;
  readonly isCommit: boolean;
}

function timeline(view: PullView): Html {
  const moments = momentsOf(view).toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const groups: { isCommit: boolean; views: Html[] }[] = [];
  for (const moment of moments) {
    const last = groups.at(-1);
    if (last?.isCommit && moment.isCommit) last.views.push(moment.view);
    else groups.push({ isCommit: moment.isCommit, views: [moment.view] });
  }
  return html`${groups.map((group) =>
    group.isCommit
      ? html`<section class="event"><ul class="rows">${group.views}</ul></section>`
      : group.views,
  )}`;
}

function momentsOf({ repository, pull, commits }: PullView): readonly Moment[] {
  const { url } = repository;
  const comments = repository.comments.filter((item) => hasNumber(item.issue_url, pull.number));
  const threads = repository.threads.filter((item) => hasNumber(item.root.pull_request_url, pull.number));
  const reviews = repository.reviews
    .filter((item) => hasNumber(item.pull_request_url, pull.number))
    .map((item) => ({ item, begun: threads.filter((one) => one.root.pull_request_review_id === item.id) }))
    // A reply makes a review of its own on GitHub; it is shown in its thread.
    .filter(
      ({ item, begun }) => begun.length > 0 || Boolean(item.body?.trim()) || item.state !== 'COMMENTED',
    );
  return [
    ...commits.map((item) => ({ at: item.date, view: commitRow(repository, item), isCommit: true })),
    ...comments.map((item) => ({ at: item.created_at, view: issueComment(item, url), isCommit: false })),
    ...reviews.map(({ item, begun }) => ({
      at: item.submitted_at ?? '9999',
      view: review(item, begun, url),
      isCommit: false,
    })),
  ];
}

function mergeBox({ repository, pull }: PullView): Html {
  if (pull.merged_at !== null) {
    return html`<section class="box"><div class="inside">Merged ${time(pull.merged_at)}.</div></section>`;
  }
  const checks = latestChecks(repository.checkRuns, pull.head.sha);
  const required = checks.find((check) => check.name === requiredCheck);
  const mark: Mark = required === undefined ? 'running' : markOf(required.status, required.conclusion);
  const isGreen = mark === 'passed' || mark === 'neutral';
  const said =
    required === undefined
      ? html`Required check <b>${requiredCheck}</b> has not been reported for this commit.`
      : html`Required check <a href="${repository.url}/runs/${required.id}"><b>${requiredCheck}</b></a>:
        ${required.status === 'completed' ? required.conclusion : required.status}.`;
  const verdict = pull.draft
    ? 'This pull request is still a draft.'
    : isGreen
      ? 'Merging is possible.'
      : 'Merging is blocked.';
  return html`<section class="box merge-${isGreen ? 'passed' : mark}" id="merge">
<div class="inside">${markSign(mark)} ${said} <b>${verdict}</b></div></section>`;
}
