/** A disk whose N-th operation fails, in one of several ways. */
import { type Disk, type DiskFile, realDisk } from '../../src/ledger/disk.ts';

/** `before`: nothing happened; `after`: it happened and the answer was lost; `short`: a write stopped half way, the disk is full. */
export type FaultKind = 'before' | 'after' | 'short';

export interface FaultyDisk extends Disk {
  /** Operations so far. */
  readonly count: () => number;
}

export function faultyDisk(failAt: number, kind: FaultKind): FaultyDisk {
  let count = 0;
  async function step<T>(work: () => Promise<T>): Promise<T> {
    count += 1;
    if (count !== failAt) return work();
    if (kind === 'after') await work();
    throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
  }

  function fileOn(file: DiskFile): DiskFile {
    return {
      write: async (bytes) => {
        if (kind !== 'short' || count + 1 !== failAt) return step(() => file.write(bytes));
        count += 1;
        await file.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      },
      sync: () => step(() => file.sync()),
      truncate: (sizeBytes) => step(() => file.truncate(sizeBytes)),
      stat: () => step(() => file.stat()),
      // A close that fails has closed all the same, as the system's does.
      close: () => file.close().then(() => step(async () => undefined)),
    };
  }

  async function opened(open: () => Promise<DiskFile>): Promise<DiskFile> {
    let file: DiskFile | null = null;
    try {
      return fileOn(
        await step(async () => {
          file = await open();
          return file;
        }),
      );
    } catch (error) {
      await (file as DiskFile | null)?.close();
      throw error;
    }
  }

  return {
    count: () => count,
    makeFolder: (path) => step(() => realDisk.makeFolder(path)),
    list: (folder) => step(() => realDisk.list(folder)),
    read: (path) => step(() => realDisk.read(path)),
    create: (path) => opened(() => realDisk.create(path)),
    append: (path) => opened(() => realDisk.append(path)),
    rename: (from, to) => step(() => realDisk.rename(from, to)),
    remove: (path) => step(() => realDisk.remove(path)),
    syncFolder: (path) => step(() => realDisk.syncFolder(path)),
  };
}
