const dim = '\x1b[2m';
const green = '\x1b[32m';
const red = '\x1b[31m';
const plain = '\x1b[0m';

/** The line with its path dim and the marks of a gate line green and red. */
export function colourLine(line: string): string {
  const parts = /^(\[[^\]]*\])(\s+gate\s)?(.*)$/s.exec(line);
  if (!parts) return line;
  const [, path = '', gate, rest = ''] = parts;
  if (gate === undefined) return `${dim}${path}${plain}${rest}`;
  const marks = rest.replaceAll('✓', `${green}✓${plain}`).replaceAll('✗', `${red}✗${plain}`);
  return `${dim}${path}${plain}${gate}${marks}`;
}
