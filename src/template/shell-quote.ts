/**
 * One word for a POSIX shell that means exactly `value`; the empty text becomes `''`.
 * NUL is left out: no shell can hold it, and a process cannot be started with it.
 */
export function shellQuote(value: string): string {
  return `'${value.replaceAll('\0', '').replaceAll("'", "'\\''")}'`;
}
