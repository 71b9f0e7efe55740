/** Replaces secrets in text by `***`; new secrets may be added while a job runs. */
export interface Masks {
  add(secret: string): void;
  mask(text: string): string;
  hides(text: string): boolean;
}

/**
 * Masks as GitHub's runner does: the value, each of its lines, and its encoded forms.
 *
 * @source actions/runner, src/Runner.Common/ValueEncoders (base64 at three offsets, URI, JSON) (2026-11)
 */
export function createMasks(secrets: readonly string[] = []): Masks {
  const forms = new Set<string>();
  const add = (secret: string): void => {
    for (const line of [secret, ...secret.split(/\r?\n/)]) {
      for (const form of formsOf(line)) forms.add(form);
    }
  };
  const mask = (text: string): string => {
    // Longest first: a secret that contains another must not leave its rest behind.
    const longestFirst = [...forms].sort((a, b) => b.length - a.length);
    return longestFirst.reduce((masked, form) => masked.replaceAll(form, '***'), text);
  };
  for (const secret of secrets) add(secret);
  return { add, mask, hides: (text) => mask(text) !== text };
}

function formsOf(text: string): readonly string[] {
  if (text.trim() === '') return [];
  const json = JSON.stringify(text).slice(1, -1);
  return [text, encodeURIComponent(text), json, ...base64Forms(text)].filter((form) => form !== '');
}

function base64Forms(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  // Within a longer text the secret may begin at any of three positions of base64's groups.
  return [0, 1, 2]
    .filter((offset) => bytes.length - offset >= 3)
    .map((offset) => {
      const whole = bytes.subarray(offset, offset + Math.floor((bytes.length - offset) / 3) * 3);
      return whole.toString('base64');
    })
    .filter((form) => form.length >= 8);
}
