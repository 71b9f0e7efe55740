/** Reads the streams of a child to their end, or until it is plain that no end will come. */
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../limits.ts';
import type { Capture } from './capture.ts';
import { createLineSplitter } from './lines.ts';

export interface Reader {
  /** Settles at the end of the stream, or when it was given up. */
  readonly done: Promise<void>;
  /** When bytes last came, or a line was last being worked on (milliseconds of `performance.now`). */
  lastActiveAt(): number;
  giveUp(): void;
}

export interface ReaderOptions {
  /** Null: an empty one. */
  readonly stream: Readable | null;
  readonly capture: Capture;
  readonly onOutput?: (() => void) | undefined;
  readonly onLine?: ((line: string) => Promise<void> | void) | undefined;
  readonly wantsLine?: ((line: Buffer) => boolean) | undefined;
  /** Told what `onLine` throws, or the stream. */
  readonly onError: (reason: { readonly error: unknown }) => void;
}

export function createReader(options: ReaderOptions): Reader {
  const { stream, capture, onOutput, onLine, wantsLine, onError } = options;
  const splitter = createLineSplitter(limits.streamLineBytesMax, wantsLine);
  let lastActiveAt = performance.now();
  let busy = false;
  const tell = async (lines: Iterable<string>) => {
    busy = true;
    for (const line of lines) {
      const answer = onLine?.(line);
      // Most lines mean nothing, and waiting for nothing takes longer than reading it.
      if (answer) await answer;
    }
    busy = false;
  };
  const read = async () => {
    for await (const chunk of stream ?? []) {
      lastActiveAt = performance.now();
      onOutput?.();
      capture.add(chunk);
      if (onLine) await tell(splitter.push(chunk));
      lastActiveAt = performance.now();
    }
    const last = onLine ? splitter.end() : null;
    if (last !== null) await tell([last]);
  };
  let gaveUp = false;
  return {
    done: read().catch((error: unknown) => {
      if (!gaveUp) onError({ error });
      // What still comes is read and dropped, so that the child is not stuck while it is asked to end.
      stream?.on('error', () => undefined).resume();
    }),
    lastActiveAt: () => (busy ? performance.now() : lastActiveAt),
    giveUp: () => {
      gaveUp = true;
      stream?.destroy();
    },
  };
}

/** Reads what is still in the pipes. A stray process that nobody can find may hold them open: it is not waited for. */
export async function drain(readers: readonly Reader[]): Promise<void> {
  const end = performance.now() + limits.drainMaxMs;
  await Promise.all(
    readers.map(async (reader) => {
      let done = false;
      const over = reader.done.then(() => {
        done = true;
      });
      const begun = performance.now();
      const isSilent = () => {
        const quietMs = performance.now() - Math.max(begun, reader.lastActiveAt());
        return !done && (quietMs > limits.drainQuietMs || performance.now() > end);
      };
      while (!done) {
        await Promise.race([over, sleep(20)]);
        if (!isSilent()) continue;
        // On a busy machine timers are late, and come before what could have been read meanwhile.
        await nextTurn();
        if (!isSilent()) continue;
        reader.giveUp();
        await over;
      }
    }),
  );
}
