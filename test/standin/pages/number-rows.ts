import { labels } from './conversation.ts';
import type { IssueData, PullData, RepositoryData } from './github-data.ts';
import { type Html, html } from './html.ts';
import { latestChecks, markSign, rollup } from './marks.ts';

/** Issues, the newest first. */
export function issueRows(repository: RepositoryData, issues: readonly IssueData[]): Html {
  return rowsOf(
    issues
      .toSorted((a, b) => b.number - a.number)
      .map(
        (
          issue,
        ) => html`<li>${issueBadge(issue)} <a href="${repository.url}/issues/${issue.number}">${issue.title}</a>
${labels(issue.labels)}<span class="quiet end">#${issue.number} by ${issue.user?.login ?? 'ghost'}</span></li>`,
      ),
  );
}

/** Pull requests with the mark of their head, the newest first. */
export function pullRows(repository: RepositoryData, pulls: readonly PullData[]): Html {
  return rowsOf(
    pulls
      .toSorted((a, b) => b.number - a.number)
      .map(
        (
          pull,
        ) => html`<li>${pullBadge(pull)} <a href="${repository.url}/pull/${pull.number}">${pull.title}</a>
${markSign(rollup(latestChecks(repository.checkRuns, pull.head.sha)))}${labels(pull.labels)}
<span class="quiet end">#${pull.number} by ${pull.user?.login ?? 'ghost'}</span></li>`,
      ),
  );
}

export function issueBadge(issue: IssueData): Html {
  if (issue.state === 'open') return html`<span class="badge badge-open">Open</span>`;
  return html`<span class="badge badge-done">Closed</span>`;
}

export function pullBadge(pull: PullData): Html {
  if (pull.merged_at !== null) return html`<span class="badge badge-merged">Merged</span>`;
  if (pull.state !== 'open') return html`<span class="badge badge-closed">Closed</span>`;
  if (pull.draft) return html`<span class="badge badge-draft">Draft</span>`;
  return html`<span class="badge badge-open">Open</span>`;
}

function rowsOf(rows: readonly Html[]): Html {
  return html`<section class="box">${rows.length === 0 ? html`<p class="inside quiet">None.</p>` : html`<ul class="rows">${rows}</ul>`}</section>`;
}
