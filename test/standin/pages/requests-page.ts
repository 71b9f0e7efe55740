import type { RequestData } from './github-data.ts';
import { type Html, html } from './html.ts';

/** API requests, the newest first, with their number and that of the writes. */
export function requestsPage(requests: readonly RequestData[]): Html {
  const writes = requests.filter((request) => request.method !== 'GET' && request.method !== 'HEAD').length;
  const rows = requests
    .toReversed()
    .map(
      (request) =>
        html`<tr><td>${request.status}</td><td>${request.method}</td><td class="mono">${request.path}</td><td>${request.actor}</td></tr>`,
    );
  return html`<h1>API requests</h1>
<p class="quiet">${requests.length} requests, ${writes} of them writes</p>
<table class="list"><tr><th>Status</th><th>Method</th><th>Path</th><th>Actor</th></tr>${rows}</table>`;
}
