import { type Html, html } from './html.ts';
import { counted, tabs } from './layout.ts';
import { latestChecks, markSign, rollup } from './marks.ts';
import { pullBadge } from './number-rows.ts';
import type { PullView } from './pull-page.ts';

export type PullTab = 'conversation' | 'commits' | 'checks' | 'files';

/** What stands above every page of a pull request. */
export function pullHead({ repository, pull, commits }: PullView, current: PullTab): Html {
  const root = `${repository.url}/pull/${pull.number}`;
  const checks = latestChecks(repository.checkRuns, pull.head.sha);
  return html`<h1>${pull.title} <span class="quiet">#${pull.number}</span></h1>
<p>${pullBadge(pull)} <span class="quiet"><b>${pull.user?.login ?? 'ghost'}</b> wants to merge ${counted(commits.length, 'commit')} into
<a class="mono" href="${repository.url}/tree/${pull.base.ref}">${pull.base.ref}</a> from
<a class="mono" href="${repository.url}/tree/${pull.head.ref}">${pull.head.ref}</a></span></p>
${tabs([
  ['Conversation', root, current === 'conversation'],
  [html`Commits <span class="tag">${commits.length}</span>`, `${root}/commits`, current === 'commits'],
  [
    html`Checks <span class="tag">${checks.length}</span> ${markSign(rollup(checks))}`,
    `${root}/checks`,
    current === 'checks',
  ],
  ['Files changed', `${root}/files`, current === 'files'],
])}`;
}
