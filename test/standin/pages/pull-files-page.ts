import type { DiffFile } from './diff.ts';
import { anchorOf, fileDiff } from './diff-view.ts';
import { hasNumber } from './github-data.ts';
import { type Html, html } from './html.ts';
import { counted } from './layout.ts';
import { pullHead } from './pull-head.ts';
import type { PullView } from './pull-page.ts';

/** What a pull request changes, with the review's remarks on their lines. */
export function pullFilesPage(view: PullView, files: readonly DiffFile[]): Html {
  const { repository, pull } = view;
  const threads = repository.threads.filter((thread) => hasNumber(thread.root.pull_request_url, pull.number));
  const place = { repositoryUrl: repository.url };
  const gone = threads.filter((thread) => !files.some((file) => file.path === thread.root.path));
  return html`${pullHead(view, 'files')}
<p class="quiet">${counted(files.length, 'file')} changed</p>
<ul>${files.map((file) => html`<li><a class="mono" href="#${anchorOf(file.path)}">${file.path}</a></li>`)}</ul>
${files.map((file) => fileDiff(file, threads, place))}
${gone.length === 0 ? null : html`<p class="quiet">On files that are no longer changed: ${counted(gone.length, 'remark')}; see the conversation.</p>`}`;
}
