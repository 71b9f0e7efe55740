/** The attempt's own file with the part in it that judges as the run's first commit says it. Pure. */
import { parse } from 'yaml';
import { limits } from '../limits.ts';

type Table = Record<string, unknown>;

/** Parts of a package.json that say what runs: npm's scripts, whose package manager, and the scripts of wireit. */
const judging = ['scripts', 'wireit'] as const;

/**
 * The attempt's package.json with the base's scripts; scripts that the attempt added stay, unless they would run before
 * or behind one of the base's; a broken file stays broken. One that is not read here (far too large, a link to nowhere,
 * nested without end) is the base's as a whole: npm might read it.
 */
export function withScripts(head: string | null, base: string): string | null {
  if (head === null) return base;
  const [own, judge] = [tableOf(head, JSON.parse), tableOf(base, JSON.parse)];
  if (!own || !judge) return head;
  const wanted: Table = { ...own };
  for (const key of judging) {
    const [mine, its] = [asTable(own[key]), asTable(judge[key])];
    const merged = { ...withoutHooks(mine, its), ...its };
    if (Object.keys(merged).length > 0 || mine !== none) wanted[key] = merged;
  }
  if ('packageManager' in judge) wanted.packageManager = judge.packageManager;
  try {
    return isSame(own, wanted) ? head : `${JSON.stringify(wanted, null, 2)}\n`;
  } catch {
    return base;
  }
}

const none: Table = {};

/** `pretest` runs with every `npm test`: where the base has no such hook of its script, an attempt adds none. */
function withoutHooks(own: Table, judge: Table): Table {
  const isHook = (name: string) => {
    const of = /^(?:pre|post)(.+)$/s.exec(name)?.[1];
    return of !== undefined && Object.hasOwn(judge, of);
  };
  return Object.fromEntries(Object.entries(own).filter(([name]) => !isHook(name)));
}

const shellKeys = ['scriptShell', 'shellEmulator', 'enablePrePostScripts', 'nodeOptions'] as const;

/** The attempt's pnpm-workspace.yaml with the base's shell for scripts; the base's as a whole where it cannot be read. */
export function withShell(head: string | null, base: string): string | null {
  if (head === null || Buffer.byteLength(head) > limits.workspaceFileBytesMax) return base;
  const [own, judge] = [tableOf(head, parseYaml), tableOf(base, parseYaml)];
  if (!own) return base;
  const wanted: Table = { ...own };
  for (const key of shellKeys) {
    delete wanted[key];
    if (judge && Object.hasOwn(judge, key)) wanted[key] = judge[key];
  }
  // JSON is YAML.
  return isSame(own, wanted) ? head : `${JSON.stringify(wanted, null, 2)}\n`;
}

function parseYaml(text: string): unknown {
  return parse(text, { maxAliasCount: 0, logLevel: 'error' }) ?? {};
}

function isSame(own: Table, wanted: Table): boolean {
  const sorted = (table: Table) => JSON.stringify(Object.entries(table).sort(byName));
  return sorted(own) === sorted(wanted);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}

/** A byte order mark is no part of JSON, but package managers read over it. */
function tableOf(text: string, read: (text: string) => unknown): Table | null {
  try {
    const value = read(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function asTable(value: unknown): Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : none;
}
