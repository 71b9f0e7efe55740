import { type Html, html } from './html.ts';
import { markdown } from './markdown.ts';

export interface FileView {
  readonly repositoryUrl: string;
  readonly ref: string;
  readonly path: string;
  readonly content: string;
}

/** A file at a ref: markdown rendered, everything else with line numbers. */
export function filePage({ repositoryUrl, ref, path, content }: FileView): Html {
  const lines = content.replace(/\n$/, '').split('\n');
  const rows = lines.map(
    (line, index) =>
      html`<tr id="L${index + 1}"><td class="number">${index + 1}</td><td class="code">${line}</td></tr>`,
  );
  const text = /\.(md|markdown)$/i.test(path)
    ? html`<div class="inside">${markdown(content, { repositoryUrl })}</div>`
    : html`<table class="diff"><colgroup><col width="48"><col></colgroup>${rows}</table>`;
  return html`<h1><span class="mono">${path}</span></h1>
<p class="quiet">at <a class="mono" href="${repositoryUrl}/tree/${ref}">${ref}</a></p><section class="box">${text}</section>`;
}

export interface TreeView {
  readonly repositoryUrl: string;
  readonly ref: string;
  readonly paths: readonly string[];
  readonly commits: readonly { readonly sha: string; readonly subject: string }[];
}

/** The files and the latest commits of a branch. */
export function treePage({ repositoryUrl, ref, paths, commits }: TreeView): Html {
  const files = paths.map(
    (path) => html`<li><a class="mono" href="${repositoryUrl}/blob/${ref}/${path}">${path}</a></li>`,
  );
  const rows = commits.map(
    (commit) =>
      html`<li><a href="${repositoryUrl}/commit/${commit.sha}">${commit.subject}</a><span class="end mono">${commit.sha.slice(0, 7)}</span></li>`,
  );
  return html`<h1><span class="mono">${ref}</span></h1>
<h2>Files</h2><section class="box"><ul class="rows">${files}</ul></section>
<h2>Commits</h2><section class="box"><ul class="rows">${rows}</ul></section>`;
}
