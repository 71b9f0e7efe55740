/** Commands of the runner's log, written as @actions/core writes them but without loading it. */

export interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
}

/** @source https://docs.github.com/actions/reference/workflow-commands-for-github-actions (2026-11) */
export function annotation(
  level: 'error' | 'warning' | 'notice',
  { title, message, file, line }: Annotation,
): string {
  const properties = Object.entries({ file, line, title }).filter((entry) => entry[1] !== undefined);
  const list = properties.map(([name, value]) => `${name}=${property(String(value))}`).join(',');
  return `::${level} ${list}::${data(message)}`;
}

export function maskCommand(secret: string): string {
  return `::add-mask::${data(secret)}`;
}

/**
 * A line of the log that the runner takes for text: it obeys `::command::` at the start and `##[command]` anywhere.
 * @source actions/runner, ActionCommand.cs: TryParseV2 trims before it looks, TryParse searches the line (2026-11)
 */
export function harmless(line: string): string {
  return line.replace(/^(\s*):(?=:)/, '$1: ').replaceAll('##[', '## [');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
