import { comment, issueComment, labels } from './conversation.ts';
import type { IssueData, RepositoryData } from './github-data.ts';
import { hasNumber } from './github-data.ts';
import { type Html, html } from './html.ts';
import { counted, time } from './layout.ts';
import { issueBadge } from './number-rows.ts';

/** An issue with its comments in the order of their writing. */
export function issuePage(repository: RepositoryData, issue: IssueData): Html {
  const { url } = repository;
  const said = repository.comments
    .filter((item) => hasNumber(item.issue_url, issue.number))
    .toSorted((a, b) => a.created_at.localeCompare(b.created_at) || a.id - b.id);
  const links = repository.pulls.filter((pull) => mentions(pull.body, issue.number));
  return html`<h1>${issue.title} <span class="quiet">#${issue.number}</span></h1>
<p>${issueBadge(issue)} <span class="quiet"><b>${issue.user?.login ?? 'ghost'}</b> opened this issue ${time(issue.created_at)} · ${counted(said.length, 'comment')}</span>${labels(issue.labels)}</p>
${links.map((pull) => html`<p class="quiet">Mentioned in <a href="${url}/pull/${pull.number}">#${pull.number} ${pull.title}</a></p>`)}
${comment(
  {
    body: issue.body,
    user: issue.user,
    created_at: issue.created_at,
    ...(issue.reactions ? { reactions: issue.reactions } : {}),
  },
  { repositoryUrl: url, id: `issue-${issue.number}` },
)}
${said.map((item) => issueComment(item, url))}`;
}

function mentions(body: string | null, number: number): boolean {
  return new RegExp(`#${number}(?!\\d)`).test(body ?? '');
}
