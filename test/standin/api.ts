import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { actionRoutes } from './actions.ts';
import { appRoutes } from './apps.ts';
import { ANONYMOUS, authenticate, demand, maySee } from './auth.ts';
import { checkRoutes } from './checks.ts';
import { commentRoutes } from './comments.ts';
import { commitRoutes } from './commits.ts';
import { compareRoutes } from './compare.ts';
import { contentRoutes } from './contents.ts';
import { drawFault, type FaultKind } from './faults.ts';
import { gitDataRoutes } from './gitdata.ts';
import { answerGraphql } from './graphql.ts';
import { issueRoutes } from './issues.ts';
import { labelRoutes } from './labels.ts';
import type { Problem } from './openapi.ts';
import { pullRoutes } from './pulls.ts';
import { rateHeaders, spend } from './ratelimit.ts';
import { reactionRoutes } from './reactions.ts';
import type { RequestRecord } from './records.ts';
import { notFound, Refusal } from './refusal.ts';
import { repositoryRoutes } from './repos.ts';
import { reviewCommentRoutes } from './review-comments.ts';
import { reviewRoutes } from './reviews.ts';
import {
  type Answer,
  createRouter,
  type Match,
  type RepositoryCall,
  type Route,
  type Router,
} from './router.ts';
import { findRepository, nextId } from './state.ts';
import { userRoutes } from './users.ts';
import { type Actor, exclusively, type World } from './world.ts';

const ROUTES: readonly Route[] = [
  ...appRoutes,
  ...userRoutes,
  ...repositoryRoutes,
  ...contentRoutes,
  ...compareRoutes,
  ...commitRoutes,
  ...issueRoutes,
  ...labelRoutes,
  ...commentRoutes,
  ...reactionRoutes,
  ...actionRoutes,
  ...gitDataRoutes,
  ...checkRoutes,
  ...pullRoutes,
  ...reviewRoutes,
  ...reviewCommentRoutes,
];

const REST_PREFIX = '/api/v3';
const GRAPHQL_PATH = '/api/graphql';
const BODY_BYTES_MAX = 50 * 1024 * 1024;

interface Request {
  readonly method: string;
  readonly url: URL;
  readonly accept: string;
  readonly authorization: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly bytes: Buffer;
  readonly record: RequestRecord;
}

export type ApiServer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Answers REST under /api/v3 and GraphQL at /api/graphql. */
export function createApi(world: World): ApiServer {
  const router = createRouter(ROUTES, world.openapi.operations);
  return async (incoming, response) => {
    const url = new URL(incoming.url ?? '/', world.url);
    const method = incoming.method ?? 'GET';
    const writes = method !== 'GET' && method !== 'HEAD';
    const record = { method, path: url.pathname, status: 0, actor: 'anonymous', writes };
    world.state.requests.push(record);
    const fault = drawFault(world.faults, method, url.pathname);
    const request: Request = {
      method,
      url,
      accept: incoming.headers.accept ?? '',
      authorization: incoming.headers.authorization,
      ifNoneMatch: incoming.headers['if-none-match'],
      bytes: await readAll(incoming),
      record,
    };
    if (fault === '500' || fault === '429') {
      respond(world, response, request, faultAnswer(world, fault));
      return;
    }
    if (url.pathname === GRAPHQL_PATH && /"query":\s*"\s*query\b/.test(request.bytes.toString('utf8')))
      record.writes = false;
    const answer = await answerSafely(world, router, request);
    if (fault === 'drop') response.destroy();
    else if (fault === 'timeout') setTimeout(() => response.destroy(), world.faults.timeoutMs).unref();
    else respond(world, response, request, fault === '502' ? faultAnswer(world, fault) : answer);
  };
}

function faultAnswer(world: World, kind: FaultKind): Answer {
  if (kind === '429') {
    const headers = { 'retry-after': String(world.faults.retryAfterSeconds) };
    return {
      status: 429,
      headers,
      body: { message: 'You have exceeded a secondary rate limit.', documentation_url: '' },
    };
  }
  return { status: Number(kind), body: { message: kind === '500' ? 'Server Error' : 'Bad Gateway' } };
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_BYTES_MAX) throw new Error('The request body is larger than 50 MiB.');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

async function answerSafely(world: World, router: Router, request: Request): Promise<Answer> {
  let actor: Actor = ANONYMOUS;
  try {
    actor = authenticate(world, request.authorization);
    Object.assign(request.record, {
      actor: actor.app && actor.kind === 'app' ? actor.app.slug : actor.user.login,
    });
    const answer = await answerRequest(world, router, request, actor);
    return { ...answer, headers: { ...rateHeaders(world, actor), ...answer.headers } };
  } catch (error) {
    if (error instanceof Refusal) {
      return {
        status: error.status,
        body: error.body,
        headers: { ...rateHeaders(world, actor), ...error.headers },
      };
    }
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    world.violations.push(`${request.method} ${request.url.pathname}: the stand-in itself failed: ${what}`);
    return { status: 500, body: { message: 'Server Error' } };
  }
}

async function answerRequest(world: World, router: Router, request: Request, actor: Actor): Promise<Answer> {
  if (request.url.pathname === GRAPHQL_PATH)
    return await answerGraphql(world, actor, request.method, jsonBody(world, request));
  const match = router(request.method, request.url.pathname.slice(REST_PREFIX.length));
  if (!match) {
    world.violations.push(
      `${request.method} ${request.url.pathname}: no operation of schema/operations.ts has this path`,
    );
    throw notFound();
  }
  const isWrite = !['GET', 'HEAD'].includes(request.method);
  if (match.route.path !== '/rate_limit') spend(world, actor, isWrite && match.route.need !== 'app');
  return await answerOperation(world, match, request, actor, isWrite);
}

async function answerOperation(
  world: World,
  match: Match,
  request: Request,
  actor: Actor,
  isWrite: boolean,
): Promise<Answer> {
  const { route, params } = match;
  const body = jsonBody(world, request);
  const { values, problems } = world.openapi.checkRequest({
    method: route.method,
    path: route.path,
    params,
    query: request.url.searchParams,
    body,
  });
  note(world, request, problems);
  const repository = findRepository(world.state, `${params.owner}/${params.repo}`);
  if (params.repo !== undefined) {
    if (!repository || (route.need !== 'app' && !maySee(actor, repository))) throw notFound();
  }
  const handle = async (): Promise<Answer> => {
    demand(actor, route.need, repository, isWrite);
    if (isWrite && repository?.archived) throw new Refusal(403, 'Repository was archived so is read-only.');
    refuseBroken(problems);
    return await route.handle(call as RepositoryCall);
  };
  const call = {
    world,
    actor,
    values,
    body: body ?? {},
    url: publicUrl(world, request.url),
    accept: request.accept,
    repository,
  };
  try {
    const answer = isWrite && repository ? await exclusively(world, repository, handle) : await handle();
    if (answer.type === undefined) noteAnswer(world, request, route, answer);
    return answer;
  } catch (error) {
    // Refusals are answers too and have a shape of their own.
    if (error instanceof Refusal) noteAnswer(world, request, route, error);
    throw error;
  }
}

function publicUrl(world: World, url: URL): URL {
  return new URL(url.pathname + url.search, world.url);
}

function jsonBody(world: World, request: Request): Record<string, unknown> | undefined {
  if (request.bytes.length === 0) return undefined;
  try {
    const value: unknown = JSON.parse(request.bytes.toString());
    if (value !== null && typeof value === 'object') return value as Record<string, unknown>;
  } catch {
    // Said below, in GitHub's words.
  }
  world.violations.push(`${request.method} ${request.url.pathname}: body: is no JSON object`);
  throw new Refusal(400, 'Problems parsing JSON');
}

function note(world: World, request: Request, problems: readonly Problem[]): void {
  for (const { where, field, what } of problems) {
    const place = field === '' ? where : `${where} ${field}`;
    world.violations.push(`${request.method} ${request.url.pathname}: ${place}: ${what}`);
  }
}

function noteAnswer(
  world: World,
  request: Request,
  route: Route,
  answer: Pick<Answer, 'status' | 'body'>,
): void {
  // What is sent is JSON, so that is what has to be right (no undefined, no Date).
  const body: unknown = answer.body === undefined ? undefined : JSON.parse(JSON.stringify(answer.body));
  const { method, path } = route;
  note(world, request, world.openapi.checkAnswer({ method, path, status: answer.status, body }));
}

/** @throws Refusal 404 for a path that means nothing, 422 for fields that are wrong. */
function refuseBroken(problems: readonly Problem[]): void {
  const broken = problems.filter((problem) => !problem.harmless);
  if (broken.length === 0) return;
  if (broken.some((problem) => problem.where === 'path')) throw notFound();
  const sentences = broken.map(
    ({ field, what }) => `${field === '' ? 'For the request' : `"${field}"`}: ${what}`,
  );
  throw new Refusal(422, `Invalid request.\n\n${sentences.join('\n')}`);
}

function respond(world: World, response: ServerResponse, request: Request, answer: Answer): void {
  Object.assign(request.record, { status: answer.status });
  if (response.destroyed) return;
  const body =
    answer.body === undefined
      ? ''
      : typeof answer.body === 'string'
        ? answer.body
        : JSON.stringify(answer.body);
  const etag = `W/"${createHash('sha256').update(body).digest('hex')}"`;
  const isRead = request.method === 'GET' && answer.status === 200;
  const status = isRead && request.ifNoneMatch === etag ? 304 : answer.status;
  Object.assign(request.record, { status });
  response.writeHead(status, {
    'content-type': answer.type ?? 'application/json; charset=utf-8',
    'x-github-request-id': `STANDIN:${nextId(world.state, 'request')}`,
    'x-github-media-type': 'github.v3; format=json',
    'x-github-enterprise-version': '3.19.0',
    ...(isRead ? { etag } : {}),
    ...answer.headers,
  });
  response.end(status === 204 || status === 304 ? undefined : body);
}
