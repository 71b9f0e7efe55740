/**
 * The folder in which a program keeps settings and conversations while models are reached through the gateway. Who may
 * write shares one; who may not (a split, a validator) has one that is new for its launch, for a coder may have planted
 * settings, hooks and servers in the other. Of a conversation that goes on in another home only its record is carried over.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { limits } from '../limits.ts';
import type { AgentOrder } from '../ports/agent.ts';
import type { Conversations } from './cli.ts';
import { placeFile } from './place-file.ts';

export interface Homes {
  /** Made where it is not there yet; holds the session where that is known and can be carried over. */
  open(order: Pick<AgentOrder, 'access' | 'session'>): Promise<string>;
  /** The session was held in this home, and in this tree: also another engine finds that. */
  keep(session: string, held: { readonly home: string; readonly cwd: string }): Promise<void>;
  /** The tree in which a session was held last; null where nobody wrote it down. */
  treeOf(session: string): Promise<string | null>;
}

/** @param shared that of the coders; the others stand beside it */
export function createHomes(shared: string, conversations: readonly Conversations[]): Homes {
  const records = `${shared}-sessions`;
  return {
    async open({ access, session }) {
      await mkdir(dirname(shared), { recursive: true });
      const home = access === 'read-write' ? shared : await mkdtemp(`${shared}-`);
      const last = session.mode === 'resume' ? (await recordAt(records, session.id)).home : null;
      const from = last === null ? shared : join(dirname(shared), last);
      if (session.mode === 'resume' && from !== home) await carryOver(conversations, from, home);
      return home;
    },
    keep: (session, { home, cwd }) => placeFile(records, recordOf(session), `${basename(home)}\n${cwd}`),
    treeOf: async (session) => (await recordAt(records, session)).cwd,
  };
}

/** A session's id is the agent's word: it names no file. */
function recordOf(session: string): string {
  return createHash('sha256').update(session).digest('hex');
}

interface Record {
  readonly home: string | null;
  readonly cwd: string | null;
}

async function recordAt(records: string, session: string): Promise<Record> {
  const text = await readFile(join(records, recordOf(session)), 'utf8').catch(() => '');
  const [name = '', ...rest] = text.split('\n');
  return { home: /^[\w.-]+$/.test(name) ? name : null, cwd: rest.length === 0 ? null : rest.join('\n') };
}

/** What cannot be read or is too much stays behind: then the session is not found, and a new one begins with the whole task. */
async function carryOver(conversations: readonly Conversations[], from: string, to: string): Promise<void> {
  let leftBytes: number = limits.conversationsBytesMax;
  for (const { folder, files } of conversations) {
    for (const path of await filesIn(join(from, folder))) {
      const name = relative(join(from, folder), path);
      if (!files.test(name)) continue;
      const content = await readPlain(path, leftBytes);
      if (content === null) continue;
      leftBytes -= content.length;
      await placeFile(to, join(folder, name), content);
    }
  }
}

/** No link is followed: whoever wrote there could lead out. Empty where there is no such folder. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const inside = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
    }),
  );
  return inside.flat();
}

/** Null where it is no plain file, or a larger one. */
async function readPlain(path: string, bytesMax: number): Promise<Buffer | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => null,
  );
  if (file === null) return null;
  try {
    const found = await file.stat();
    return found.isFile() && found.size <= bytesMax ? await file.readFile() : null;
  } finally {
    await file.close();
  }
}
