/** TAP with a block of YAML, as node --test (where nobody watches) and vitest print it. */
import { createText, filePattern, type Place, type ReaderOf } from './reader.ts';

const failed = /^\s*not ok \d+ - (.*?)(?: # .*)?$/;
const entry = /^\s*(\w{1,40}): ?(.*)$/;
const where = new RegExp(String.raw`(?:file://)?${filePattern}:(\d{1,10}):(\d{1,10})`);

interface Open {
  readonly name: string;
  /** Of the entries; null before the first. */
  indent: number | null;
  /** The entry that deeper lines belong to. */
  key: string;
  location: RegExpExecArray | null;
  stack: RegExpExecArray | null;
  isParent: boolean;
}

/** @source Node 22 and 24, vitest 5.1 (2026-11) */
export const tapReader: ReaderOf = () => {
  const said = createText();
  let name: string | null = null;
  let open: Open | null = null;
  return (line) => {
    if (line === null) return null;
    const title = failed.exec(line)?.[1];
    if (title !== undefined) {
      name = title;
      open = null;
      return [];
    }
    if (name !== null && line.trim() === '---') {
      open = { name, indent: null, key: '', location: null, stack: null, isParent: false };
      said.take();
      return [];
    }
    if (!open) return null;
    if (line.trim() === '...') return end(open);
    readLine(open, line);
    return [];
  };

  function readLine(block: Open, line: string): void {
    const indent = line.length - line.trimStart().length;
    block.indent ??= indent;
    const [, key = '', value = ''] = entry.exec(line) ?? [];
    const isEntry = key !== '' && indent === block.indent;
    if (isEntry) block.key = key;
    if (isEntry) readEntry(block, value);
    else if (block.key === 'error') readError(line, { key, value });
    else if (block.key === 'stack') block.stack ??= inRepository(line);
  }

  function readEntry(block: Open, value: string): void {
    if (block.key === 'failureType') block.isParent = value.includes('subtestsFailed');
    if (block.key === 'at') block.stack = where.exec(value);
    if (block.key === 'location') block.location = where.exec(value);
    if (block.key === 'error' && !/^\|?-?$/.test(value)) said.add(unquoted(value));
  }

  /** A text over several lines, or vitest's name and message. */
  function readError(line: string, { key, value }: { key: string; value: string }): void {
    if (key === 'name') return;
    said.add(key === 'message' ? unquoted(value) : line.trim());
  }

  function end(block: Open): readonly Place[] {
    open = null;
    name = null;
    const [, path = '', row, column] = block.stack ?? block.location ?? [];
    const text = said.take();
    if (path === '' || block.isParent) return [];
    return [
      {
        ...{ path, line: Number(row), column: Number(column), level: 'failure' },
        text: text === '' ? block.name : `${block.name}\n${text}`,
      },
    ];
  }
};

function inRepository(line: string): RegExpExecArray | null {
  return /node_modules\/|\(node:|^\s*node:/.test(line) ? null : where.exec(line);
}

function unquoted(value: string): string {
  return value.replace(/^(['"])(.*)\1$/, '$2');
}
