/** Gathering the `context` of a prompt: files of the tree and the output of commands, each with a notice where it is missing. */
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Place } from '../engine/place.ts';
import type { ContextText } from '../engine/prompt.ts';
import { limits } from '../limits.ts';
import { shellQuote } from '../template/shell-quote.ts';
import { containedName } from '../workflow/contained.ts';
import { quoted } from '../workflow/tree.ts';
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
    else await stage.noticeOnce(at.place.path, text.problem);
  }
  return texts;
}

type Read = ContextText | { readonly problem: string };

async function read(stage: Stage, at: At, entry: ContextEntry): Promise<Read> {
  if (entry.kind === 'bash') return runCommand(stage, at, entry.command);
  const path = await renderAt(stage, at.place, entry.path);
  const found = containedName(path) ?? (await readInside(at.cwd, path));
  return typeof found === 'string'
    ? { problem: `the context file ${quoted(path)} is not read: ${found}; the prompt goes without it` }
    : { title: path, text: found.text };
}

const missing = 'it is not in the tree';

/** The text of a file that, links resolved, lies inside the tree; or why there is none. */
async function readInside(cwd: string, path: string): Promise<{ readonly text: string } | string> {
  try {
    const root = await realpath(cwd);
    const real = await realpath(join(cwd, path));
    return real.startsWith(root + sep) ? await readPlain(real) : missing;
  } catch {
    // Missing, or not readable: the same to the reader of the notice.
    return missing;
  }
}

/** A pipe would have nobody to wait for. */
async function readPlain(path: string): Promise<{ readonly text: string } | string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return 'it is no plain file';
    const { textFileBytesMax } = limits;
    if (stat.size > textFileBytesMax) return `it is larger than ${textFileBytesMax / 1024 ** 2} MiB`;
    const buffer = Buffer.alloc(stat.size);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return { text: buffer.toString('utf8', 0, bytesRead) };
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
