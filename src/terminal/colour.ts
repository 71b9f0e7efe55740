const dim = '\x1b[2m';
const green = '\x1b[32m';
const red = '\x1b[31m';
const yellow = '\x1b[33m';
const plain = '\x1b[0m';

/** Of the words that say how something went; the others stay as they are. */
const colours: Readonly<Record<string, string>> = {
  ...{ pass: green, fail: red, error: red, killed: red, guard: red, budget: red },
  ...{ retry: yellow, paused: yellow, notice: yellow },
};

/** The line with its path dim, the marks of a gate line green and red, and the words that say how something went. */
export function colourLine(line: string): string {
  const ending = /^(Run completed: )(pass|fail)(.*)$/s.exec(line);
  if (ending) return `${ending[1]}${painted(ending[2] ?? '')}${ending[3]}`;
  const parts = /^(\[[^\]]*\])(\s+)(\w+)(.*)$/s.exec(line);
  if (!parts) return line;
  const [, path = '', space = '', word = '', rest = ''] = parts;
  const marks = rest.replaceAll('✓', `${green}✓${plain}`).replaceAll('✗', `${red}✗${plain}`);
  return `${dim}${path}${plain}${space}${painted(word)}${word === 'gate' ? marks : rest}`;
}

function painted(word: string): string {
  const colour = Object.hasOwn(colours, word) ? colours[word] : undefined;
  return colour === undefined ? word : `${colour}${word}${plain}`;
}
