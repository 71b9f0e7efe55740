/** Reads objects through one long-lived `git cat-file --batch-command`: 0.03 ms an answer instead of 2. */
import type { ChildProcess } from 'node:child_process';
import { GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import { type Environment, startGit } from './git.ts';

export interface ObjectInfo {
  readonly id: string;
  readonly type: string;
  readonly size: number;
}

export interface ObjectReader {
  /** What a name (`<commit>^{tree}`, `<commit>:<path>`, links followed within the tree) stands for; null where there is none. */
  info(name: string): Promise<ObjectInfo | null>;
  /** The bytes of an object; null where there is none. */
  contents(name: string): Promise<Buffer | null>;
  close(): void;
}

interface Reply {
  readonly info: ObjectInfo | null;
  readonly body: Buffer | null;
}

interface Question {
  readonly wantsBody: boolean;
  readonly answer: (reply: Reply) => void;
  readonly fail: (error: Error) => void;
}

/** Starts the process at the first question, and again should it have died. Names must hold no line ending. */
export function openObjects(place: { readonly cwd: string; readonly env: Environment }): ObjectReader {
  let session: ReturnType<typeof startSession> | null = null;
  const ask = (verb: 'info' | 'contents', name: string): Promise<Reply> => {
    if (/[\n\0]/.test(name)) return Promise.resolve({ info: null, body: null });
    if (!session?.alive()) session = startSession(place);
    return session.ask(verb, name);
  };
  return {
    info: async (name) => (await ask('info', name)).info,
    contents: async (name) => (await ask('contents', name)).body,
    close: () => {
      session?.end();
      session = null;
    },
  };
}

function startSession(place: { readonly cwd: string; readonly env: Environment }) {
  const child: ChildProcess = startGit(['cat-file', '--batch-command', '--follow-symlinks'], place);
  const questions: Question[] = [];
  let alive = true;
  let pending: Buffer = Buffer.alloc(0);
  const die = (cause: unknown) => {
    alive = false;
    const error = new GumpError('git cat-file ended while it was asked for an object', {
      code: 'git',
      cause,
    });
    for (const question of questions.splice(0)) question.fail(error);
  };
  child.on('error', die);
  child.on('close', (code) => die({ code }));
  child.stdin?.on('error', () => undefined);
  child.stderr?.resume();
  child.stdout?.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    pending = answerAll(pending, questions);
  });
  // The process must not keep ours alive.
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) unref(stream);
  return {
    alive: () => alive,
    end: () => {
      alive = false;
      child.stdin?.end();
    },
    ask: (verb: 'info' | 'contents', name: string) =>
      withDeadline(
        new Promise<Reply>((answer, fail) => {
          questions.push({ wantsBody: verb === 'contents', answer, fail });
          child.stdin?.write(`${verb} ${name}\n`);
        }),
        () => child.kill('SIGKILL'),
      ),
  };
}

/** A timer that is held while a question is open also keeps our process alive until the answer. */
async function withDeadline<T>(promise: Promise<T>, late: () => void): Promise<T> {
  const timer = setTimeout(late, limits.gitTimeoutMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function unref(stream: unknown): void {
  (stream as { unref?: () => void } | null)?.unref?.();
}

function answerAll(bytes: Buffer, questions: Question[]): Buffer {
  let rest = bytes;
  for (let question = questions[0]; question !== undefined; question = questions[0]) {
    const parsed = parseReply(rest, question.wantsBody);
    if (!parsed) break;
    questions.shift();
    rest = parsed.rest;
    question.answer(parsed.reply);
  }
  return rest;
}

/**
 * `<id> <type> <size>`, with its body where asked for; `<name> missing|ambiguous`; and for links
 * `dangling|symlink|loop|notdir <size>` with a body of its own.
 * @source git-cat-file(1), "BATCH OUTPUT" (read 2026-11).
 */
function parseReply(bytes: Buffer, wantsBody: boolean): { reply: Reply; rest: Buffer } | null {
  const end = bytes.indexOf(10);
  if (end < 0) return null;
  const head = bytes.subarray(0, end).toString('utf8');
  const nothing = { info: null, body: null };
  const odd = /^(dangling|symlink|loop|notdir) (\d+)$/.exec(head);
  const found = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(head);
  if (!odd && !found) return { reply: nothing, rest: bytes.subarray(end + 1) };
  const size = Number((odd ?? found)?.[odd ? 2 : 3]);
  const info = found ? { id: found[1] ?? '', type: found[2] ?? '', size } : null;
  if (info && !wantsBody) return { reply: { info, body: null }, rest: bytes.subarray(end + 1) };
  const stop = end + 1 + size;
  if (bytes.length < stop + 1) return null;
  const body = info ? Buffer.from(bytes.subarray(end + 1, stop)) : null;
  return { reply: { info, body }, rest: bytes.subarray(stop + 1) };
}
