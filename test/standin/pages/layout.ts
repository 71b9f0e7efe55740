import { type Html, html, type Part } from './html.ts';

export interface Page {
  readonly title: string;
  /** The repository that the page belongs to, `owner/name`. */
  readonly repository?: string;
  /** Which entry of the repository's navigation is current. */
  readonly section?: 'code' | 'issues' | 'pulls' | 'actions';
  readonly body: Html;
  /** Loads itself again after this time while something is going on. */
  readonly refreshSeconds?: number;
}

/** A whole HTML document. */
export function layout(page: Page): string {
  const { title, repository, section, body, refreshSeconds } = page;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refreshSeconds === undefined ? null : html`<meta http-equiv="refresh" content="${refreshSeconds}">`}
<title>${title}${repository === undefined ? '' : ` · ${repository}`}</title>
<link rel="stylesheet" href="/_assets/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<header class="top">
<a class="home" href="/">stand-in</a>
${repository === undefined ? null : html`<a class="repository" href="/${repository}">${repository}</a>`}
<nav class="aside"><a href="/_deliveries">Deliveries</a> <a href="/_requests">Requests</a></nav>
</header>
${repository === undefined ? null : sections(repository, section)}
<main>
${body}
</main>
</body>
</html>
`.html;
}

/** A row of tabs; the current one is marked. */
export function tabs(entries: readonly (readonly [label: Part, address: string, current: boolean])[]): Html {
  const links = entries.map(
    ([label, address, current]) =>
      html`<a href="${address}"${current ? html` aria-current="page"` : null}>${label}</a>`,
  );
  return html`<nav class="tabs">${links}</nav>`;
}

/** A point in time: short in the text, whole for who asks. */
export function time(iso: string | null | undefined): Html {
  if (!iso) return html``;
  const date = new Date(iso);
  const text = Number.isNaN(date.getTime())
    ? iso
    : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return html`<time datetime="${iso}">${text}</time>`;
}

/** A number with its noun: `1 file`, `2 files`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A login with its marker for Apps. */
export function person(user: { readonly login: string; readonly type?: string } | null): Html {
  if (user === null) return html`<b>ghost</b>`;
  const isBot = user.type === 'Bot' || user.login.endsWith('[bot]');
  return html`<b>${user.login.replace(/\[bot\]$/, '')}</b>${isBot ? html` <span class="tag">bot</span>` : null}`;
}

function sections(repository: string, section: Page['section']): Html {
  const root = `/${repository}`;
  return tabs([
    ['Code', root, section === 'code'],
    ['Issues', `${root}/issues`, section === 'issues'],
    ['Pull requests', `${root}/pulls`, section === 'pulls'],
    ['Actions', `${root}/actions`, section === 'actions'],
  ]);
}
