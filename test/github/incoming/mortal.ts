/** Processes that die in the middle of their work. */
import type { RestClient } from '../../../src/github/api/rest.ts';

export interface Mortal {
  readonly client: RestClient;
  /** True when it wanted to do more than it was given. */
  died(): boolean;
  /** True when it has started a job. */
  dispatched(): boolean;
}

/** A client whose process dies behind so many requests: the last one is sent, and its answer never read. */
export function mortal(client: RestClient, requestsMax: number): Mortal {
  const life = { sent: 0, died: false, dispatched: false };
  const dying = intercept(client, async (route, send) => {
    if (life.sent >= requestsMax) {
      life.died = true;
      throw new Error('the process is dead');
    }
    life.sent++;
    const answer = await send();
    if (route.endsWith('/dispatches')) life.dispatched = true;
    return answer;
  });
  return { client: dying, died: () => life.died, dispatched: () => life.dispatched };
}

type Around = (route: string, send: () => Promise<unknown>) => Promise<unknown>;

/** The client with something around each of its requests; GraphQL's are called `graphql`. */
export function intercept(client: RestClient, around: Around): RestClient {
  const whole = client.request as (...all: unknown[]) => Promise<unknown>;
  const graphql = client.graphql as (...all: unknown[]) => Promise<unknown>;
  return {
    request: ((route: string, parameters: object) =>
      around(route, async () => await whole(route, parameters))) as unknown as RestClient['request'],
    graphql: ((document: string, variables: object) =>
      around('graphql', async () => await graphql(document, variables))) as unknown as RestClient['graphql'],
  };
}
