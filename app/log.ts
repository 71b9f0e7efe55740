/** Structured log without secrets: one JSON object a line, or a line for people where somebody watches a terminal. */

export const levels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof levels)[number];

type Fields = Readonly<Record<string, unknown>>;
type Say = (message: string, fields?: Fields) => void;
export type Log = Readonly<Record<LogLevel, Say>>;

export interface LogOptions {
  readonly secrets: readonly string[];
  readonly write: (line: string) => void;
  /** What is below it is left out; default: `info`. */
  readonly level?: LogLevel;
  readonly format?: 'json' | 'text';
}

export function createLog({ secrets, write, level = 'info', format = 'json' }: LogOptions): Log {
  const hide = secrets
    .filter((secret) => secret.length >= 8)
    .map((secret) => JSON.stringify(secret).slice(1, -1))
    .flatMap((escaped) => [escaped, escaped.replaceAll('\\"', '"')]);
  const masked = (line: string): string => hide.reduce((text, one) => text.replaceAll(one, '***'), line);
  const say =
    (kind: LogLevel): Say =>
    (message, fields = {}) => {
      if (levels.indexOf(kind) < levels.indexOf(level)) return;
      const time = new Date().toISOString();
      const line =
        format === 'json'
          ? JSON.stringify({ time, level: kind, message, ...fields })
          : textLine({ time, kind, message, fields });
      write(`${masked(line)}\n`);
    };
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

interface Line {
  readonly time: string;
  readonly kind: LogLevel;
  readonly message: string;
  readonly fields: Fields;
}

/** `14:02:11 info  the App listens url="http://…"`; what was said by others cannot break the line. */
function textLine({ time, kind, message, fields }: Line): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const plain = JSON.stringify(message).slice(1, -1).replaceAll('\\"', '"');
  return [time.slice(11, 19), kind.padEnd(5), plain, ...pairs].join(' ');
}
