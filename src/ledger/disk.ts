/** The few file operations that durable storage stands on, small enough to make each of them fail in a test. */
import type { Stats } from 'node:fs';
import { constants, promises as fs } from 'node:fs';
import { limits } from '../limits.ts';

export interface Disk {
  /** Creates the folder; true when it was not there before. */
  makeFolder(path: string): Promise<boolean>;
  /** Names in a folder. @throws ENOENT */
  list(folder: string): Promise<readonly string[]>;
  /** A plain file, at most one byte more than a ledger may have. @throws ENOENT, and where it is a device or a pipe */
  read(path: string): Promise<Buffer>;
  /** Creates a file that is not there yet. @throws EEXIST */
  create(path: string): Promise<DiskFile>;
  /** Opens for appending and creates where needed; never through a link. */
  append(path: string): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes names in the folder durable. */
  syncFolder(path: string): Promise<void>;
}

export interface DiskFile {
  /** Writes at the end; gives the number of bytes written, which may be fewer than asked for. */
  write(bytes: Uint8Array): Promise<number>;
  sync(): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  stat(): Promise<Stats>;
  close(): Promise<void>;
}

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** The real file system. */
export const realDisk: Disk = {
  makeFolder: async (path) => (await fs.mkdir(path, { recursive: true })) !== undefined,
  list: (folder) => fs.readdir(folder),
  read: readPlainFile,
  create: async (path) => fileOf(await fs.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)),
  append: async (path) => fileOf(await fs.open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW)),
  rename: (from, to) => fs.rename(from, to),
  remove: (path) => fs.unlink(path),
  syncFolder: async (path) => {
    const folder = await fs.open(path, O_RDONLY);
    await folder.sync().finally(() => folder.close());
  },
};

/** What has no end is not begun: without O_NONBLOCK opening a pipe would wait for somebody who writes. */
async function readPlainFile(path: string): Promise<Buffer> {
  const file = await fs.open(path, O_RDONLY | O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error(`${path} is no plain file`);
    const bytes = Buffer.alloc(Math.min(stat.size, limits.ledgerBytesMax + 1));
    let done = 0;
    for (let read = -1; done < bytes.length && read !== 0; done += read) {
      ({ bytesRead: read } = await file.read(bytes, done, bytes.length - done, done));
    }
    return bytes.subarray(0, done);
  } finally {
    await file.close();
  }
}

function fileOf(handle: fs.FileHandle): DiskFile {
  return {
    write: async (bytes) => (await handle.write(bytes)).bytesWritten,
    sync: () => handle.datasync(),
    truncate: (sizeBytes) => handle.truncate(sizeBytes),
    stat: () => handle.stat(),
    close: () => handle.close(),
  };
}

/** Writes all bytes, however small the pieces. @throws what the disk throws; ENOSPC where a write makes no progress. */
export async function writeAll(file: DiskFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const written = await file.write(bytes.subarray(done));
    if (written <= 0)
      throw Object.assign(new Error('ENOSPC: the disk took no more bytes'), { code: 'ENOSPC' });
    done += written;
  }
}

/** Writes a new file so that it is whole and durable on return, or not there under its name. */
export async function writeDurably(
  disk: Disk,
  path: { folder: string; name: string; temp: string },
  text: string,
) {
  const file = await disk.create(path.temp);
  try {
    await writeAll(file, Buffer.from(text)).then(() => file.sync());
  } catch (error) {
    await file.close().catch(() => undefined);
    await disk.remove(path.temp).catch(() => undefined);
    throw error;
  }
  await file.close();
  await disk.rename(path.temp, `${path.folder}/${path.name}`);
  await disk.syncFolder(path.folder);
}

/** The code of a system error (`ENOENT`), or an empty text. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
