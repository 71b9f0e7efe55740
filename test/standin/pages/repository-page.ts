import type { BranchData } from './git-data.ts';
import type { RepositoryData } from './github-data.ts';
import { type Html, html } from './html.ts';
import { latestChecks, markSign, rollup } from './marks.ts';
import { issueRows, pullRows } from './number-rows.ts';

/** A repository at a glance: branches, open issues, open pull requests. */
export function repositoryPage(repository: RepositoryData, branches: readonly BranchData[]): Html {
  const { name, url, checkRuns } = repository;
  const rows = branches.map((branch) => {
    const mark = rollup(latestChecks(checkRuns, branch.sha));
    return html`<li><a class="mono" href="${url}/tree/${branch.name}">${branch.name}</a>
${branch.name === repository.defaultBranch ? html`<span class="tag">default</span>` : null}
<span class="quiet">${branch.subject}</span>
<span class="end">${markSign(mark)} <a class="mono" href="${url}/commit/${branch.sha}">${branch.sha.slice(0, 7)}</a></span></li>`;
  });
  return html`<h1>${name}</h1>
<h2>Open issues</h2>
${issueRows(
  repository,
  repository.issues.filter((issue) => issue.state === 'open'),
)}
<h2>Open pull requests</h2>
${pullRows(
  repository,
  repository.pulls.filter((pull) => pull.state === 'open'),
)}
<h2>Branches</h2>
<section class="box">${rows.length === 0 ? html`<p class="inside quiet">None.</p>` : html`<ul class="rows">${rows}</ul>`}</section>`;
}

export function issuesPage(repository: RepositoryData): Html {
  return html`<h1>Issues</h1>${issueRows(repository, repository.issues)}`;
}

export function pullsPage(repository: RepositoryData): Html {
  return html`<h1>Pull requests</h1>${pullRows(repository, repository.pulls)}`;
}
