/** A spec from the bytes of a file. */
import type { Diagnostic } from '../diagnostic.ts';
import { limits } from '../limits.ts';
import { type Spec, specFromText } from './spec.ts';

/** The spec, cleaned; or why there is none: too large, not UTF-8, nothing in it. Never throws for what the bytes are. */
export function readSpec({
  bytes,
  origin,
}: {
  readonly bytes: Uint8Array;
  readonly origin: string;
}): { readonly spec: Spec } | { readonly diagnostics: readonly Diagnostic[] } {
  if (bytes.length > limits.specBytesMax) {
    const message = `the spec is larger than ${limits.specBytesMax / 1024} KiB, the most that a spec may have`;
    return refused({
      code: 'spec-too-large',
      origin,
      message,
      hint: 'split it, or point to files of the repository',
    });
  }
  const text = decode(bytes);
  if (text === null) {
    const line = lineOfBadByte(bytes);
    return refused({
      code: 'spec-not-utf8',
      origin,
      line,
      message: 'the spec is not UTF-8 text',
      hint: 'save it as UTF-8',
    });
  }
  const spec = specFromText(text, origin);
  if (spec.text.trim() !== '') return { spec };
  const why = spec.removed.length > 0 ? `: all that it had was ${spec.removed.join(', ')}` : '';
  return refused({
    code: 'spec-empty',
    origin,
    message: `the spec is empty${why}`,
    hint: 'write what is to be built',
  });
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The caller says where.
    return null;
  }
}

/** The line of the first byte that is no UTF-8: the longest readable beginning ends there. */
function lineOfBadByte(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isReadable(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return bytes.subarray(0, low).filter((byte) => byte === 0x0a).length + 1;
}

/** True for a beginning of UTF-8 text, cut within a character or not. */
function isReadable(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

interface Refusal {
  readonly code: string;
  readonly origin: string;
  readonly message: string;
  readonly hint: string;
  readonly line?: number;
}

function refused({ code, origin, message, hint, line = 1 }: Refusal): {
  readonly diagnostics: readonly Diagnostic[];
} {
  return { diagnostics: [{ severity: 'error', code, message, at: { file: origin, line, column: 1 }, hint }] };
}
