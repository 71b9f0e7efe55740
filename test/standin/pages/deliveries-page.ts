import type { DeliveryData } from './github-data.ts';
import { type Html, html } from './html.ts';
import { time } from './layout.ts';
import { markSign } from './marks.ts';

/** Webhook deliveries, the newest first. */
export function deliveriesPage(deliveries: readonly DeliveryData[]): Html {
  const rows = deliveries.toReversed().map(
    (
      item,
    ) => html`<tr><td>${markSign(item.status_code >= 200 && item.status_code < 300 ? 'passed' : 'failed', item.status)}</td>
<td>${item.id}</td><td>${item.event}${item.action ? `.${item.action}` : ''}${item.redelivery ? html` <span class="tag">again</span>` : null}</td>
<td>${item.status_code} ${item.status}</td><td>${Math.round(item.duration * 1000)} ms</td><td>${time(item.delivered_at)}</td></tr>`,
  );
  return html`<h1>Webhook deliveries</h1>
<table class="list"><tr><th></th><th>Id</th><th>Event</th><th>Answer</th><th>Time</th><th>At</th></tr>${rows}</table>`;
}
