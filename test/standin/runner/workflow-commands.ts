/** A command that a step prints: `::name key=value,key=value::data`. */
export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/**
 * The command in a line of output, or undefined when the line is ordinary text.
 *
 * @source actions/runner, ActionCommand.TryParseV2 (2026-11)
 */
export function parseCommand(line: string): WorkflowCommand | undefined {
  const text = line.trimStart();
  if (!text.startsWith('::')) return undefined;
  const end = text.indexOf('::', 2);
  if (end < 0) return undefined;
  const head = text.slice(2, end);
  const space = head.indexOf(' ');
  const name = space < 0 ? head : head.slice(0, space);
  if (name === '') return undefined;
  const properties = space < 0 ? {} : parseProperties(head.slice(space + 1));
  return { name: name.toLowerCase(), properties, data: unescapeData(text.slice(end + 2)) };
}

function parseProperties(text: string): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const equals = pair.indexOf('=');
    if (equals <= 0) continue;
    properties[pair.slice(0, equals).trim()] = unescapeProperty(pair.slice(equals + 1));
  }
  return properties;
}

function unescapeData(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

function unescapeProperty(text: string): string {
  const unescaped = text.replaceAll('%0D', '\r').replaceAll('%0A', '\n');
  return unescaped.replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%');
}
