/** Structured log: one JSON object a line on stderr, without secrets. */

export type Log = (message: string, fields?: Readonly<Record<string, unknown>>) => void;

export function createLog(secrets: readonly string[], write: (line: string) => void): Log {
  const hide = secrets.filter((secret) => secret.length >= 8);
  return (message, fields = {}) => {
    const line = JSON.stringify({ time: new Date().toISOString(), message, ...fields });
    write(
      `${hide.reduce((text, secret) => text.replaceAll(JSON.stringify(secret).slice(1, -1), '***'), line)}\n`,
    );
  };
}
