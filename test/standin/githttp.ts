import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate, grants, may, maySee } from './auth.ts';
import { drawGitFault } from './faults.ts';
import { gitEnvironment } from './git.ts';
import type { Repository } from './records.ts';
import { movesBetween, refsMoved, refsSnapshot } from './refs.ts';
import { Refusal } from './refusal.ts';
import { findRepository } from './state.ts';
import { type Actor, exclusively, type World } from './world.ts';

interface GitRequest {
  readonly repository: Repository;
  readonly actor: Actor;
  /** For example `/info/refs`. */
  readonly rest: string;
  readonly query: string;
  readonly isPush: boolean;
}

const GIT_PATH = /^\/([^/]+\/[^/]+?)(?:\.git)?(\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/;

export function isGitRequest(url: URL): boolean {
  return GIT_PATH.test(url.pathname);
}

/** Smart HTTP through git's own `http-backend`; bodies are streamed both ways. */
export async function answerGit(
  world: World,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const request = admitted(world, incoming);
    const sendsPack = request.isPush && request.rest === '/git-receive-pack';
    const fault = drawGitFault(world.faults, sendsPack);
    if (fault === 'refuse') throw new Refusal(502, 'Bad Gateway');
    if (sendsPack) {
      await exclusively(world, request.repository, () =>
        push(world, request, incoming, { response, isAnswerLost: fault === 'drop' }),
      );
    } else {
      await runBackend(request, incoming, response);
    }
  } catch (error) {
    refuse(incoming, response, error);
  }
}

/** @throws Refusal 401, 403 or 404 with the sentence that git shows to the person. */
function admitted(world: World, incoming: IncomingMessage): GitRequest {
  const url = new URL(incoming.url ?? '/', world.url);
  const [, name = '', rest = ''] = GIT_PATH.exec(url.pathname) ?? [];
  const isPush = rest === '/git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack';
  const { authorization } = incoming.headers;
  const repository = findRepository(world.state, name);
  const actor = authenticate(world, authorization);
  if (!repository || !maySee(actor, repository)) {
    if (!authorization) throw new Refusal(401, 'Repository not found.');
    throw new Refusal(404, 'Repository not found.');
  }
  if (isPush && actor.kind === 'anonymous') throw new Refusal(401, 'No anonymous write access.');
  if (!may(actor, repository, 'contents', isPush ? 'write' : 'read')) {
    throw new Refusal(403, isPush ? 'Write access to repository not granted.' : 'Repository access denied.');
  }
  if (isPush && repository.archived)
    throw new Refusal(403, 'This repository was archived so it is read-only.');
  return { repository, actor, rest, query: url.search.slice(1), isPush };
}

async function push(
  world: World,
  request: GitRequest,
  incoming: IncomingMessage,
  { response, isAnswerLost }: { readonly response: ServerResponse; readonly isAnswerLost: boolean },
): Promise<void> {
  const { repository, actor } = request;
  const before = await refsSnapshot(repository);
  // The answer's end waits for what follows from the push, so that a client which has pushed sees it done.
  await runBackend(request, incoming, response, async () => {
    const moves = movesBetween(before, await refsSnapshot(repository));
    await refsMoved(world, repository, actor, moves);
    if (isAnswerLost) response.destroy();
  });
}

function runBackend(
  request: GitRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
  beforeEnd: () => Promise<void> = async () => undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['http-backend'], {
      env: backendEnvironment(request, incoming),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let head = Buffer.alloc(0);
    let isHeadDone = false;
    let complaint = '';
    child.on('error', reject);
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-4000);
    });
    incoming.pipe(child.stdin);
    response.on('close', () => child.kill());
    child.stdout.on('data', (chunk: Buffer) => {
      if (isHeadDone) {
        if (!response.write(chunk)) pauseUntilDrained(child.stdout, response);
        return;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      isHeadDone = true;
      writeHead(response, head.toString('latin1', 0, end));
      response.write(head.subarray(end + 4));
    });
    child.on('close', () => {
      if (!isHeadDone) {
        reject(new Refusal(500, complaint.trim() || 'git http-backend gave no answer.'));
        return;
      }
      beforeEnd().then(() => {
        response.end();
        resolve();
      }, reject);
    });
  });
}

function pauseUntilDrained(from: NodeJS.ReadableStream, response: ServerResponse): void {
  from.pause();
  response.once('drain', () => from.resume());
}

function writeHead(response: ServerResponse, head: string): void {
  let status = 200;
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (name.toLowerCase() === 'status') status = Number(value.slice(0, 3));
    else response.setHeader(name, value);
  }
  response.statusCode = status;
}

/** The CGI variables; what the hook has to know about the pusher goes along. */
function backendEnvironment(
  { repository, actor, rest, query }: GitRequest,
  incoming: IncomingMessage,
): Record<string, string> {
  const { headers } = incoming;
  const given = (name: string, value: string | string[] | undefined): Record<string, string> =>
    typeof value === 'string' ? { [name]: value } : {};
  return gitEnvironment({
    GIT_PROJECT_ROOT: repository.git_dir,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: rest,
    QUERY_STRING: query,
    REQUEST_METHOD: incoming.method ?? 'GET',
    REMOTE_USER: actor.user.login,
    REMOTE_ADDR: '127.0.0.1',
    STANDIN_MAY_CHANGE_WORKFLOWS: grants(actor.permissions, 'workflows', 'write') ? 'yes' : 'no',
    STANDIN_PROTECTED: repository.protected_branches.join(' '),
    // No CONTENT_LENGTH: it is read to its end then. With one, a client that dies in the middle, or we, leave a backend that
    // waits for the rest and takes a whole core for it (git 2.39: it reads the end again and again).
    ...given('CONTENT_TYPE', headers['content-type']),
    ...given('HTTP_CONTENT_ENCODING', headers['content-encoding']),
    ...given('GIT_PROTOCOL', headers['git-protocol']),
  });
}

function refuse(incoming: IncomingMessage, response: ServerResponse, error: unknown): void {
  incoming.resume();
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = error instanceof Refusal ? error.status : 500;
  const message = error instanceof Error ? error.message : String(error);
  const challenge = status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {};
  response.writeHead(status, { 'content-type': 'text/plain', ...challenge });
  response.end(`${message}\n`);
}

/**
 * Runs inside `git receive-pack` for every ref of a push and refuses it as GitHub does.
 * `git log … --not --all` lists what is new to the repository, not what the branch already shared.
 */
export const UPDATE_HOOK = `#!/bin/sh
ref="$1" old="$2" new="$3"
zero=0000000000000000000000000000000000000000
case "$ref" in
  refs/pull/*) echo "deny updating a hidden ref" >&2; exit 1 ;;
esac
for branch in $STANDIN_PROTECTED; do
  [ "$ref" = "refs/heads/$branch" ] || continue
  if [ "$new" = "$zero" ]; then
    echo "error: GH006: Protected branch update failed for $ref. Cannot delete this branch" >&2; exit 1
  fi
  if [ "$old" != "$zero" ] && ! git merge-base --is-ancestor "$old" "$new"; then
    echo "error: GH006: Protected branch update failed for $ref. Cannot force-push to this branch" >&2; exit 1
  fi
done
if [ "$STANDIN_MAY_CHANGE_WORKFLOWS" = no ] && [ "$new" != "$zero" ]; then
  path=$(git log -c --format= --name-only "$new" --not --all -- .github/workflows | head -n 1)
  if [ -n "$path" ]; then
    echo "refusing to allow a GitHub App to create or update workflow \\\`$path\\\` without \\\`workflows\\\` permission" >&2
    exit 1
  fi
fi
`;
