import { edited, threadWithHunk } from './diff-view.ts';
import type { CommentData, LabelData, ReviewData, ThreadData, UserData } from './github-data.ts';
import { type Html, html, trusted } from './html.ts';
import { person, time } from './layout.ts';
import { markdown } from './markdown.ts';

export interface Spoken {
  readonly body: string | null;
  readonly user: UserData | null;
  readonly created_at: string;
  readonly updated_at?: string;
  readonly reactions?: Readonly<Record<string, unknown>>;
}

/** A comment, or the text that an issue or pull request begins with. */
export function comment(
  spoken: Spoken,
  options: { readonly repositoryUrl: string; readonly id?: string },
): Html {
  const { repositoryUrl, id } = options;
  const changed =
    spoken.updated_at === undefined
      ? ''
      : edited({ created_at: spoken.created_at, updated_at: spoken.updated_at });
  const text = spoken.body?.trim()
    ? markdown(spoken.body, { repositoryUrl, breaks: true })
    : html`<p class="quiet">No description provided.</p>`;
  return html`<article class="box"${id === undefined ? null : html` id="${id}"`}>
<header>${person(spoken.user)} <span class="quiet">commented ${time(spoken.created_at)}${changed}</span></header>
<div class="inside">${text}</div>
${reactions(spoken.reactions)}
</article>`;
}

/** A comment of the timeline. */
export function issueComment(said: CommentData, repositoryUrl: string): Html {
  return comment(said, { repositoryUrl, id: `issuecomment-${said.id}` });
}

const verdicts: Readonly<Record<string, string>> = {
  APPROVED: 'approved these changes',
  CHANGES_REQUESTED: 'requested changes',
  COMMENTED: 'reviewed',
  DISMISSED: 'reviewed (dismissed)',
  PENDING: 'began a review',
};

/** A review with the threads that it began. */
export function review(data: ReviewData, threads: readonly ThreadData[], repositoryUrl: string): Html {
  const verdict = verdicts[data.state] ?? 'reviewed';
  const body = data.body?.trim() ? markdown(data.body, { repositoryUrl, breaks: true }) : null;
  return html`<article class="box" id="pullrequestreview-${data.id}">
<header>${person(data.user)} <span class="quiet">${verdict} at
<a class="mono" href="${repositoryUrl}/commit/${data.commit_id}">${data.commit_id.slice(0, 7)}</a> ${time(data.submitted_at)}</span></header>
<div class="inside">${body}${threads.map((thread) => threadWithHunk(thread, { repositoryUrl }))}</div>
</article>`;
}

const emoji: Readonly<Record<string, string>> = {
  '+1': '👍',
  '-1': '👎',
  laugh: '😄',
  hooray: '🎉',
  confused: '😕',
  heart: '❤️',
  rocket: '🚀',
  eyes: '👀',
};

function reactions(counts: Readonly<Record<string, unknown>> | undefined): Html | null {
  const given = Object.entries(emoji).filter(([name]) => Number(counts?.[name] ?? 0) > 0);
  if (given.length === 0) return null;
  return html`<div class="reactions">${given.map(
    ([name, sign]) => html`<span title="${name}">${sign} ${String(counts?.[name])}</span>`,
  )}</div>`;
}

/** Labels with their colour as a dot. */
export function labels(items: readonly LabelData[]): Html {
  return html`${items.map((label) => html` <span class="tag label">${dot(label.color)}${label.name}</span>`)}`;
}

function dot(color: string): Html {
  // The pages allow no inline style; an attribute of a drawing is none.
  const fill = /^[0-9a-fA-F]{6}$/.test(color) ? color : '888888';
  return trusted(
    `<svg viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill="#${fill}"/></svg>`,
  );
}
