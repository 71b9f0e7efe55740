/** Reading what somebody named: plain files only, and no more of them than is wanted. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/**
 * The first bytes of a plain file, at most `bytesMax`; null where it is a folder, a device or a pipe, which may have no end.
 * @throws what the system says where it is not there or not readable
 */
export function readPlainFile(path: string, bytesMax: number): Buffer | null {
  // Opening a pipe would wait for somebody who writes.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    return stat.isFile() ? readHead(file, Math.min(stat.size, bytesMax)) : null;
  } finally {
    closeSync(file);
  }
}

function readHead(file: number, bytesMax: number): Buffer {
  const head = Buffer.alloc(bytesMax);
  for (let done = 0; done < bytesMax; ) {
    const read = readSync(file, head, done, bytesMax - done, done);
    // Somebody has cut the file meanwhile.
    if (read === 0) return head.subarray(0, done);
    done += read;
  }
  return head;
}
