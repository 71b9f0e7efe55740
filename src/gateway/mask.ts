/** Makes a key unreadable in what a service answers: some quote the request that they refuse. */
import { limits } from '../limits.ts';

export interface Mask {
  /** What may be passed on now; the end of a piece waits where a key may begin in it. */
  push(piece: Buffer): Buffer;
  /** What still waits. */
  end(): Buffer;
  /** A text as a whole: the value of a header. */
  text(value: string): string;
}

const nothing: Buffer = Buffer.alloc(0);

/** As many marks as the key has bytes, so that an answer stays as long as it says that it is. */
export function createMask(key: string | null): Mask {
  const forms = key === null || key.length < limits.maskedKeyCharactersMin ? [] : formsOf(key);
  let held = nothing;
  return {
    push(piece) {
      if (forms.length === 0) return piece;
      const data = held.length === 0 ? piece : Buffer.concat([held, piece]);
      for (const form of forms) blacken(data, form);
      const begin = Math.min(...forms.map((form) => beginOf(form, data)));
      held = data.subarray(begin);
      return data.subarray(0, begin);
    },
    end() {
      const rest = held;
      held = nothing;
      return rest;
    },
    text: (value) =>
      forms.reduce((text, form) => text.replaceAll(form.toString(), '*'.repeat(form.length)), value),
  };
}

/** As it is, in an address, and in a JSON string. */
function formsOf(key: string): readonly Buffer[] {
  const forms = new Set([key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)]);
  return [...forms].map((form) => Buffer.from(form));
}

function blacken(data: Buffer, form: Buffer): void {
  for (let at = data.indexOf(form); at >= 0; at = data.indexOf(form, at + form.length)) {
    data.fill('*', at, at + form.length);
  }
}

/** Where the end of the data may be the beginning of the key; the data's length where it is not. */
function beginOf(form: Buffer, data: Buffer): number {
  const first = form[0] ?? 0;
  const start = Math.max(0, data.length - form.length + 1);
  for (let at = data.indexOf(first, start); at >= 0; at = data.indexOf(first, at + 1)) {
    if (data.subarray(at).equals(form.subarray(0, data.length - at))) return at;
  }
  return data.length;
}
