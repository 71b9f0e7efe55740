import type { AnnotationData, CheckRunData, RepositoryData } from './github-data.ts';
import { type Html, html } from './html.ts';
import { counted, time } from './layout.ts';
import { markdown } from './markdown.ts';
import { markOf, markSign } from './marks.ts';

/** One check run: how it ended, what it says, its annotations. */
export function checkRunPage(repository: RepositoryData, check: CheckRunData): Html {
  const { url } = repository;
  const state = check.status === 'completed' ? (check.conclusion ?? 'completed') : check.status;
  const { title, summary, text } = check.output;
  const annotations = repository.annotationsOf(check);
  return html`<h1>${markSign(markOf(check.status, check.conclusion), state)} ${check.name}</h1>
<p class="quiet">${state} · commit <a class="mono" href="${url}/commit/${check.head_sha}">${check.head_sha.slice(0, 7)}</a>
${check.started_at ? html`· started ${time(check.started_at)}` : null} ${check.completed_at ? html`· completed ${time(check.completed_at)}` : null}
${check.external_id ? html`· <span class="mono">${check.external_id}</span>` : null}</p>
${title ? html`<h2>${title}</h2>` : null}
${summary ? html`<section class="box"><div class="inside">${markdown(summary, { repositoryUrl: url })}</div></section>` : null}
${text ? html`<section class="box"><header>Details</header><div class="inside">${markdown(text, { repositoryUrl: url })}</div></section>` : null}
${annotations.length === 0 ? null : html`<h2>${counted(annotations.length, 'annotation')}</h2>${annotationList(annotations)}`}`;
}

/** Annotations with their place, level, title and message. */
export function annotationList(annotations: readonly AnnotationData[]): Html {
  const rows = annotations.map((item) => {
    const lines = item.start_line === item.end_line ? item.start_line : `${item.start_line}–${item.end_line}`;
    const mark =
      item.annotation_level === 'failure'
        ? 'failed'
        : item.annotation_level === 'warning'
          ? 'running'
          : 'neutral';
    return html`<li>${markSign(mark, item.annotation_level)} <span class="mono">${item.path}:${lines}</span>
${item.title ? html`<b>${item.title}</b>` : null}<pre>${item.message}</pre></li>`;
  });
  return html`<section class="box"><ul class="rows">${rows}</ul></section>`;
}
