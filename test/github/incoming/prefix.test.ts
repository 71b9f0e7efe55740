/** A GitHub behind a path of its own, as Enterprise Servers behind a proxy are: no address may be made up. */
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HostName, useHost } from './host.ts';
import { openTown, repository, type Town } from './town.ts';

let proxy: Server;
let town: Town;
const asked: string[] = [];

beforeEach(() => void asked.splice(0));
afterEach(async () => {
  await town.close();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});

/** Hands everything below `/git/hub` on to the stand-in, and knows nothing else. */
async function openProxy(target: () => string): Promise<string> {
  proxy = createServer((incoming, response) => {
    asked.push(incoming.url ?? '');
    const { hostname, port } = new URL(target());
    if (!incoming.url?.startsWith('/git/hub/')) return void response.writeHead(418).end();
    const { method, headers } = incoming;
    const path = incoming.url.slice('/git/hub'.length);
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/git/hub`;
}

test.each<HostName>(['app', 'action'])(
  'the %s asks nobody but the addresses that it was given',
  async (name) => {
    useHost(name);
    let real = '';
    const base = await openProxy(() => real);
    town = await openTown({ at: base });
    real = town.standin.url;
    const issue = await town.openIssue('Add a greeting', 'Say hello.');
    const labels = { ...repository, issue_number: issue, labels: ['gump'] };
    await town.as('wilma').request('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', labels);
    await town.standin.idle();
    const before = town.standin.state.requests.length;
    expect((await town.handle(town.last('issues', 'labeled'))).done).toBe('proposed');
    const direct = town.standin.state.requests.length - before;
    const [comment] = await town.comments(issue);
    expect(comment?.body).toContain(`(${base}/acme/shop/blob/gump/spec-${issue}/`);
    expect(asked.length).toBeGreaterThanOrEqual(direct);
    expect(asked.filter((url) => !/^\/git\/hub\/api\/(v3|graphql)/.test(url))).toEqual([]);
    await town.comment('wilma', issue, '/gump run');
    expect((await town.handle(town.last('issue_comment', 'created'))).done).toBe('dispatched');
  },
);
