/** What a file of `artifacts/` is called that belongs to an attempt. */
import { createHash } from 'node:crypto';

/** @param ending without a dot before it; file names have a limit that nested paths may pass, then a digest keeps them apart */
export function artifactName(
  { path, attempt }: { readonly path: string; readonly attempt: number },
  label: string,
  ending: string,
): string {
  const name = `${path.replaceAll('/', '.')}.${attempt}.${label}`;
  if (name.length <= 120) return `${name}.${ending}`;
  return `${name.slice(-100)}-${createHash('sha256').update(name).digest('hex').slice(0, 12)}.${ending}`;
}
