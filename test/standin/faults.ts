export type FaultKind = '500' | '502' | '429' | 'timeout' | 'drop';

/** What shall go wrong, all off by default; may be changed while the stand-in runs. */
export interface Faults {
  /** Share of API requests that fail, 0 to 1. */
  rate: number;
  kinds: FaultKind[];
  /** Share of git's requests that fail, 0 to 1: with a 502, and every second push only after it was carried out. */
  gitRate: number;
  only?: ((method: string, path: string) => boolean) | undefined;
  /** After so many API requests the connection is dropped, once: what was asked for was done. Null: never. */
  dropAfter: number | null;
  duplicateDeliveries: boolean;
  reorderDeliveries: boolean;
  /** Seconds that a 429 asks the client to wait. */
  retryAfterSeconds: number;
  /** How long a request is left without an answer before its connection is closed. */
  timeoutMs: number;
  seed: number;
  /** How often each kind has struck so far. */
  readonly struck: Map<FaultKind, number>;
}

export function noFaults(): Faults {
  return {
    rate: 0,
    kinds: [],
    gitRate: 0,
    dropAfter: null,
    duplicateDeliveries: false,
    reorderDeliveries: false,
    retryAfterSeconds: 1,
    timeoutMs: 30_000,
    seed: 1,
    struck: new Map(),
  };
}

/**
 * The fault for this request, or null.
 * 500, 429 strike before anything is done; 502, timeout and drop lose the answer of what *was* done,
 * which is what a retry has to cope with.
 */
export function drawFault(faults: Faults, method: string, path: string): FaultKind | null {
  if (faults.dropAfter !== null) {
    faults.dropAfter -= 1;
    if (faults.dropAfter < 0) {
      faults.dropAfter = null;
      return 'drop';
    }
  }
  if (faults.rate <= 0 || faults.kinds.length === 0) return null;
  if (faults.only && !faults.only(method, path)) return null;
  if (random(faults) >= faults.rate) return null;
  const kind = faults.kinds[Math.floor(random(faults) * faults.kinds.length)] ?? null;
  if (kind) faults.struck.set(kind, (faults.struck.get(kind) ?? 0) + 1);
  return kind;
}

/** The fault for this request of git's, or null. */
export function drawGitFault(faults: Faults, isPush: boolean): 'refuse' | 'drop' | null {
  if (faults.gitRate <= 0 || random(faults) >= faults.gitRate) return null;
  return isPush && random(faults) < 0.5 ? 'drop' : 'refuse';
}

/** A number in [0, 1) from the seed, which moves on (a linear congruential generator). */
export function random(faults: Faults): number {
  faults.seed = (Math.imul(faults.seed, 1664525) + 1013904223) >>> 0;
  return faults.seed / 2 ** 32;
}
