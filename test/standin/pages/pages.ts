import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JobRun } from '../runner/job-run.ts';
import { deliveriesPage } from './deliveries-page.ts';
import type { DeliveryData, PagesStandin, RequestData } from './github-data.ts';
import { homePage } from './home-page.ts';
import { html } from './html.ts';
import { layout, type Page } from './layout.ts';
import { repositoryAnswer } from './repository-routes.ts';
import { requestsPage } from './requests-page.ts';
import { style } from './style.ts';

export type WebHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Where the pages read the job runs: the runner, or nothing. */
export interface JobRuns {
  readonly jobs: readonly JobRun[];
}

/** A page, or the address of the page that is meant. */
export type Answer = Page | { readonly redirect: string };

/** Hands the pages to the stand-in, which calls them for whatever is neither API nor git. */
export function servePages(
  standin: PagesStandin & { onWeb(handler: WebHandler): unknown },
  runs: JobRuns,
): void {
  standin.onWeb(createPagesHandler(standin, runs));
}

/** Answers GET and HEAD with pages; never rejects. */
export function createPagesHandler(standin: PagesStandin, runs: JobRuns): WebHandler {
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return send(response, 405, 'text/plain', 'These pages can only be read.\n');
    }
    const path = new URL(request.url ?? '/', 'http://standin').pathname;
    if (path === '/_assets/style.css') return send(response, 200, 'text/css', style);
    try {
      const answer = await answerFor(standin, runs, path);
      if (answer === undefined) {
        return send(response, 404, 'text/html', layout({ title: 'Not found', body: notFoundBody }));
      }
      if ('redirect' in answer) {
        response.setHeader('Location', answer.redirect);
        return send(response, 302, 'text/plain', '');
      }
      send(response, 200, 'text/html', layout(answer));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const body = html`<h1>This page could not be made</h1><pre>${message}</pre>`;
      send(response, 500, 'text/html', layout({ title: 'Error', body }));
    }
  };
}

const notFoundBody = html`<h1>404</h1><p>There is nothing at this address.</p>`;

async function answerFor(standin: PagesStandin, runs: JobRuns, path: string): Promise<Answer | undefined> {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  if (parts.length === 0) {
    return { title: 'Repositories', body: homePage([...standin.state.repositories.values()]) };
  }
  if (parts[0] === '_deliveries') {
    const { deliveries } = await standin.dump();
    return { title: 'Webhook deliveries', body: deliveriesPage(deliveries as readonly DeliveryData[]) };
  }
  if (parts[0] === '_requests') {
    const { requests } = await standin.dump();
    return { title: 'API requests', body: requestsPage(requests as readonly RequestData[]) };
  }
  return repositoryAnswer({ standin, runs, parts });
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'Content-Security-Policy':
      "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}
