/** Gathering the `context` of a prompt: files of the tree and the output of commands, each with a notice where it is missing. */
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Place } from '../engine/place.ts';
import type { ContextText } from '../engine/prompt.ts';
import { limits } from '../limits.ts';
import { shellQuote } from '../template/shell-quote.ts';
import type { ContextEntry } from '../workflow/workflow.ts';
import type { Stage } from './dependencies.ts';
import { renderAt } from './render.ts';

interface At {
  readonly place: Place;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

export async function gatherContext(stage: Stage, at: At): Promise<readonly ContextText[]> {
  const texts: ContextText[] = [];
  for (const entry of at.place.node.step.context) {
    const text = await read(stage, at, entry);
    if ('title' in text) texts.push(text);
    else await stage.recorder.emit({ type: 'notice', step: at.place.path, message: text.problem });
  }
  return texts;
}

type Read = ContextText | { readonly problem: string };

async function read(stage: Stage, at: At, entry: ContextEntry): Promise<Read> {
  if (entry.kind === 'bash') return runCommand(stage, at, entry.command);
  const path = await renderAt(stage, at.place, entry.path);
  const text = await readInside(at.cwd, path);
  return text === null
    ? { problem: `context file ${path} is not in the tree; the prompt goes without it` }
    : { title: path, text };
}

/** The text of a file that, links resolved, lies inside the tree; null where there is none. */
async function readInside(cwd: string, path: string): Promise<string | null> {
  try {
    const root = await realpath(cwd);
    const real = await realpath(join(cwd, path));
    if (!real.startsWith(root + sep)) return null;
    return await readHead(real);
  } catch {
    // Missing, a folder, or not readable: the same to the reader of the notice.
    return null;
  }
}

/** @throws where it is no plain file; a pipe would have nobody to wait for. */
async function readHead(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error(`${path} is no plain file`);
    const buffer = Buffer.alloc(limits.contextBytesMax);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function runCommand(stage: Stage, { place, cwd, signal }: At, template: string): Promise<Read> {
  const command = await renderAt(stage, place, template, shellQuote);
  const { ok, stdout, reason } = await stage.shell(command, { cwd, signal });
  return ok
    ? { title: `$ ${command}`, text: stdout }
    : { problem: `context command failed: ${command}: ${reason}` };
}
