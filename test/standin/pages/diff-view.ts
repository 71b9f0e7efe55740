import type { DiffFile, DiffLine } from './diff.ts';
import { parseHunks } from './diff.ts';
import type { ThreadData } from './github-data.ts';
import { type Html, html } from './html.ts';
import { person, time } from './layout.ts';
import { markdown } from './markdown.ts';

const signs: Readonly<Record<DiffLine['kind'], string>> = {
  added: '+',
  removed: '-',
  context: '',
  hunk: '',
  note: '',
};

export interface ThreadPlace {
  readonly repositoryUrl: string;
}

/** One file of a diff with the threads on its lines; those whose line is gone stand above. */
export function fileDiff(file: DiffFile, threads: readonly ThreadData[], place: ThreadPlace): Html {
  const mine = threads.filter((thread) => thread.root.path === file.path);
  const used = new Set<ThreadData>();
  const rows = file.lines.map((line) => {
    const here = mine.filter((thread) => isOn(thread, line));
    for (const thread of here) used.add(thread);
    const remarks = here.map(
      (thread) => html`<tr><td class="remark" colspan="4">${threadView(thread, place)}</td></tr>`,
    );
    return html`${diffRow(line)}${remarks}`;
  });
  const elsewhere = mine.filter((thread) => !used.has(thread));
  const name = file.oldPath === file.path ? file.path : `${file.oldPath} → ${file.path}`;
  const counts = countLines(file);
  return html`<section class="box" id="${anchorOf(file.path)}">
<header><span class="mono">${name}</span> <span class="tag">${file.status}</span>
<span class="quiet">+${counts.added} −${counts.removed}</span></header>
${elsewhere.length === 0 ? null : html`<div class="inside">${elsewhere.map((thread) => threadView(thread, place))}</div>`}
${file.binary ? html`<p class="inside quiet">Binary file.</p>` : diffTable(rows)}
</section>`;
}

/** A thread with the end of the hunk that it is about. */
export function threadWithHunk(thread: ThreadData, place: ThreadPlace): Html {
  const { root } = thread;
  const lines = parseHunks(root.diff_hunk).filter((line) => line.kind !== 'note');
  return html`<div class="box"><header class="mono">${root.path}${root.line ? `:${root.line}` : ''}${
    root.line === null ? html` <span class="tag">outdated</span>` : null
  }</header>${diffTable(lines.slice(-hunkLinesShown).map(diffRow))}<div class="inside">${threadView(thread, place)}</div></div>`;
}

/** GitHub shows the last lines of the hunk, which end at the line in question. */
const hunkLinesShown = 6;

/** The anchor of a file on the page of its diff. */
export function anchorOf(path: string): string {
  return `diff-${path.replaceAll(/[^\w.-]/g, '-')}`;
}

function threadView(thread: ThreadData, place: ThreadPlace): Html {
  const { root, replies, resolvedBy } = thread;
  const says = [root, ...replies].map(
    (comment) => html`<div class="say" id="discussion_r${comment.id}">
<div>${person(comment.user)} <span class="quiet">${time(comment.created_at)}${edited(comment)}</span></div>
${markdown(comment.body, { repositoryUrl: place.repositoryUrl, breaks: true })}</div>`,
  );
  const line = root.line ?? root.original_line;
  const where = html`<span class="quiet">Line ${line ?? '?'}${root.line === null ? ', outdated' : ''}</span>`;
  if (resolvedBy === null) return html`<div class="thread"><header>${where}</header>${says}</div>`;
  return html`<details class="thread"><summary>${where} <span class="resolved">✓ Resolved by ${resolvedBy}</span></summary>${says}</details>`;
}

/** The marker that GitHub gives to an edited text. */
export function edited(item: { readonly created_at: string; readonly updated_at: string }): string {
  return item.created_at === item.updated_at ? '' : ' · edited';
}

function diffTable(rows: readonly Html[]): Html {
  return html`<table class="diff"><colgroup><col width="48"><col width="48"><col width="20"><col></colgroup>${rows}</table>`;
}

function diffRow(line: DiffLine): Html {
  return html`<tr class="${line.kind}"><td class="number">${line.oldLine}</td><td class="number">${line.newLine}</td><td class="sign">${signs[line.kind]}</td><td class="code">${line.text}</td></tr>`;
}

function isOn(thread: ThreadData, line: DiffLine): boolean {
  const { root } = thread;
  if (root.line === null || line.kind === 'hunk' || line.kind === 'note') return false;
  return root.side === 'LEFT' ? line.oldLine === root.line : line.newLine === root.line;
}

function countLines(file: DiffFile): { readonly added: number; readonly removed: number } {
  const count = (kind: DiffLine['kind']): number => file.lines.filter((line) => line.kind === kind).length;
  return { added: count('added'), removed: count('removed') };
}
