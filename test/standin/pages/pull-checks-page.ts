import { type Html, html } from './html.ts';
import { checkList, latestChecks } from './marks.ts';
import { pullHead } from './pull-head.ts';
import type { PullView } from './pull-page.ts';

/** The checks of every commit of a pull request, the head first. */
export function pullChecksPage(view: PullView): Html {
  const { repository, commits } = view;
  const parts = commits.toReversed().map((commit) => {
    const checks = latestChecks(repository.checkRuns, commit.sha);
    return html`<section class="box"><header><a class="mono" href="${repository.url}/commit/${commit.sha}">${commit.sha.slice(0, 7)}</a>
${commit.subject}</header>${checks.length === 0 ? html`<p class="inside quiet">No checks.</p>` : checkList(repository.url, checks)}</section>`;
  });
  return html`${pullHead(view, 'checks')}${parts}`;
}
