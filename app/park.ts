/** Events that are looked at again later, in memory: no more than fits. */

export interface ParkLimits {
  readonly itemsMax: number;
  /** What they hold in memory, all together. */
  readonly bytesMax: number;
}

export interface Parked {
  readonly bytes: number;
  readonly afterMs: number;
  readonly run: () => void;
}

/** Gives a way to park something; false where there is no room. A process does not stay alive for what is parked. */
export function createPark({ itemsMax, bytesMax }: ParkLimits): (parked: Parked) => boolean {
  const book = { items: 0, bytes: 0 };
  return ({ bytes, afterMs, run }) => {
    if (book.items >= itemsMax || (book.items > 0 && book.bytes + bytes > bytesMax)) return false;
    book.items += 1;
    book.bytes += bytes;
    setTimeout(() => {
      book.items -= 1;
      book.bytes -= bytes;
      run();
    }, afterMs).unref();
    return true;
  };
}
