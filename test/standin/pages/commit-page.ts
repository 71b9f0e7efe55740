import type { DiffFile } from './diff.ts';
import { fileDiff } from './diff-view.ts';
import type { CommitData } from './git-data.ts';
import type { RepositoryData } from './github-data.ts';
import { type Html, html } from './html.ts';
import { counted, time } from './layout.ts';
import { checkList, latestChecks } from './marks.ts';

/** One commit: message, trailers, checks, diff. */
export function commitPage(repository: RepositoryData, commit: CommitData, files: readonly DiffFile[]): Html {
  const { url, checkRuns } = repository;
  const checks = latestChecks(checkRuns, commit.sha);
  const parents = commit.parents.map(
    (sha) => html` <a class="mono" href="${url}/commit/${sha}">${sha.slice(0, 7)}</a>`,
  );
  const trailers = commit.trailers.map(
    ([name, value]) => html`<dt>${name}</dt><dd class="mono">${value}</dd>`,
  );
  return html`<h1>${commit.subject}</h1>
<p class="quiet"><b>${commit.author}</b> committed ${time(commit.date)} · <span class="mono">${commit.sha}</span> · parents:${parents.length === 0 ? ' none' : parents}</p>
${commit.body === '' ? null : html`<pre>${commit.body}</pre>`}
${trailers.length === 0 ? null : html`<dl class="trailers">${trailers}</dl>`}
<h2>Checks</h2>
<section class="box">${checks.length === 0 ? html`<p class="inside quiet">No checks.</p>` : checkList(url, checks)}</section>
<h2>${counted(files.length, 'file')} changed</h2>
${files.map((file) => fileDiff(file, [], { repositoryUrl: url }))}`;
}
