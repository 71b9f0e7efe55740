import { type Html, html } from './html.ts';
import { pullHead } from './pull-head.ts';
import { commitRow, type PullView } from './pull-page.ts';

/** The commits of a pull request, oldest first, each with its mark. */
export function pullCommitsPage(view: PullView): Html {
  const rows = view.commits.map((commit) => commitRow(view.repository, commit));
  return html`${pullHead(view, 'commits')}
<section class="box">${rows.length === 0 ? html`<p class="inside quiet">None.</p>` : html`<ul class="rows">${rows}</ul>`}</section>`;
}
