/** Masks secrets in text, in the forms in which they usually get out. */

/** Shorter ones would mask ordinary words. */
const secretCharactersMin = 6;

/** @param charactersMin length from which on a secret is masked; all that are not too short where it is left out. */
export type Redactor = (text: string, charactersMin?: number) => string;

/**
 * A function that puts `***` for every secret in a text: as it is, in Base64 (wherever it starts within the encoded
 * bytes, both alphabets), URL-encoded, JSON-escaped, and line by line where it has several. Secrets under six
 * characters are ignored.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  /** To the length of the longest secret that has the form. */
  const forms = new Map<string, number>();
  for (const secret of secrets) {
    const { length } = secret.trim();
    for (const form of formsOf(secret)) {
      if (form.length >= secretCharactersMin) forms.set(form, Math.max(length, forms.get(form) ?? 0));
    }
  }
  return (text, charactersMin = 0) =>
    mask(
      text,
      [...forms].filter(([, length]) => length >= charactersMin).map(([form]) => form),
    );
}

function formsOf(secret: string): string[] {
  const trimmed = secret.trim();
  if (trimmed.length < secretCharactersMin) return [];
  const lines = trimmed.split(/\r?\n/).filter((line) => line.length >= 16 && !line.startsWith('-----'));
  return [...new Set([trimmed, ...(trimmed.includes('\n') ? lines : [])])].flatMap(encodings);
}

function encodings(plain: string): string[] {
  const url = encodeURIComponent(toWellFormed(plain));
  const strict = url.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const base64 = base64Cores(plain);
  return [
    plain,
    ...[url, strict].flatMap((form) => [form, lowerHex(form), form.replaceAll('%20', '+')]),
    JSON.stringify(plain).slice(1, -1),
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

function toWellFormed(text: string): string {
  return text.toWellFormed();
}

function lowerHex(form: string): string {
  return form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
}

/** The characters that the secret alone decides, for each of the three places where it can start in a group of three bytes. */
function base64Cores(plain: string): string[] {
  const bytes = Buffer.from(plain);
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
}

/** Matches may overlap (one secret may begin in another): what any of them covers is masked. */
function mask(text: string, forms: readonly string[]): string {
  const spans: [number, number][] = [];
  for (const form of forms) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
      spans.push([at, at + form.length]);
  }
  if (spans.length === 0) return text;
  spans.sort((a, b) => a[0] - b[0]);
  let masked = '';
  let position = 0;
  for (const [start, stop] of spans) {
    if (start >= position) masked += `${text.slice(position, start)}***`;
    position = Math.max(position, stop);
  }
  return masked + text.slice(position);
}
