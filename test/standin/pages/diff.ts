export interface DiffLine {
  readonly kind: 'context' | 'added' | 'removed' | 'hunk' | 'note';
  readonly oldLine: number | null;
  readonly newLine: number | null;
  readonly text: string;
}

export interface DiffFile {
  readonly path: string;
  readonly oldPath: string;
  readonly status: 'added' | 'removed' | 'renamed' | 'modified';
  readonly binary: boolean;
  readonly lines: readonly DiffLine[];
}

/** The files of a unified diff as git prints it, each with its numbered lines. */
export function parseDiff(text: string): readonly DiffFile[] {
  return text
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith('diff --git '))
    .map(parseFile);
}

/** The numbered lines of hunks alone, as in a review comment's `diff_hunk`. */
export function parseHunks(text: string): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let oldLine = 0;
  let newLine = 0;
  for (const line of text.split('\n')) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk !== null) {
      oldLine = Number(hunk[1]);
      newLine = Number(hunk[2]);
      lines.push({ kind: 'hunk', oldLine: null, newLine: null, text: line });
    } else if (line.startsWith('+')) {
      lines.push({ kind: 'added', oldLine: null, newLine, text: line.slice(1) });
      newLine += 1;
    } else if (line.startsWith('-')) {
      lines.push({ kind: 'removed', oldLine, newLine: null, text: line.slice(1) });
      oldLine += 1;
    } else if (line.startsWith(' ')) {
      lines.push({ kind: 'context', oldLine, newLine, text: line.slice(1) });
      oldLine += 1;
      newLine += 1;
    } else if (line.startsWith('\\')) {
      lines.push({ kind: 'note', oldLine: null, newLine: null, text: line.slice(2) });
    }
  }
  return lines;
}

function parseFile(part: string): DiffFile {
  const hunksAt = part.search(/^@@ /m);
  const head = hunksAt < 0 ? part : part.slice(0, hunksAt);
  const find = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(head)?.[1];
    return found === undefined ? undefined : unquote(found.replace(/\t$/, ''));
  };
  const fromFile = find(/^--- (.*)$/m)?.replace(/^a\//, '');
  const toFile = find(/^\+\+\+ (.*)$/m)?.replace(/^b\//, '');
  const renamed = find(/^rename to (.*)$/m);
  const headed = find(/^diff --git .* "?b\/(.*?)"?$/m) ?? '';
  const path = renamed ?? (toFile === undefined || toFile === '/dev/null' ? (fromFile ?? headed) : toFile);
  return {
    path,
    oldPath: find(/^rename from (.*)$/m) ?? path,
    status: statusOf(head, renamed),
    binary: /^Binary files /m.test(head),
    lines: hunksAt < 0 ? [] : parseHunks(part.slice(hunksAt).replace(/\n$/, '')),
  };
}

function statusOf(head: string, renamed: string | undefined): DiffFile['status'] {
  if (/^new file mode /m.test(head)) return 'added';
  if (/^deleted file mode /m.test(head)) return 'removed';
  return renamed === undefined ? 'modified' : 'renamed';
}

/** git quotes paths with unusual bytes: `"a/\\303\\244"`. */
function unquote(path: string): string {
  if (!path.startsWith('"')) return path;
  const bytes = path.slice(1, -1).replace(/\\([0-7]{3}|.)/g, (_, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code, 8));
    return { n: '\n', t: '\t', r: '\r' }[code] ?? code;
  });
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
