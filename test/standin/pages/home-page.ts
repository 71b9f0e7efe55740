import type { PagesRepository } from './github-data.ts';
import { type Html, html } from './html.ts';

/** All repositories of the stand-in. */
export function homePage(repositories: readonly PagesRepository[]): Html {
  const rows = repositories.map(
    (repository) => html`<li><a href="/${repository.full_name}">${repository.full_name}</a></li>`,
  );
  return html`<h1>Repositories</h1>
<section class="box">${rows.length === 0 ? html`<p class="inside quiet">None.</p>` : html`<ul class="rows">${rows}</ul>`}</section>`;
}
