/**
 * The files that say how an attempt is judged: package scripts, Makefiles, wrappers, and what tells a package manager
 * or build tool which shell or program runs for them. They stand as in the run's first commit while a command runs.
 */
import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasRealParents } from '../git/nested.ts';
import { limits } from '../limits.ts';
import { makefileNames } from './markers.ts';
import { withScripts, withShell } from './merge.ts';
import { folderOf, join, upwards } from './project.ts';

/** What has to stand in the tree while it is judged, by path; null: the file has to be away. */
export type JudgeTexts = ReadonlyMap<string, string | null>;

interface Pin {
  /** Base names, or paths below a project's folder. */
  readonly names: RegExp;
  /** An added one is away where the base has one of these beside it, above it, or where a command runs below it. */
  readonly readFor: readonly string[];
  /** The attempt's text with the base's judge in it; default: the base's text. */
  readonly merge?: (head: string | null, base: string) => string | null;
  /** What stands for the base's text where it has none. */
  readonly absent?: string;
}

const pins: readonly Pin[] = [
  { names: /^package\.json$/, readFor: [], merge: withScripts },
  // A new `GNUmakefile` would be taken before the Makefile that the base has; a new `local.mk` may be included.
  { names: /^(GNUmakefile|makefile|Makefile|.+\.mk)$/, readFor: makefileNames },
  // `script-shell`, `workspace`, `yarnPath`: what runs for `npm test`.
  { names: /^(\.npmrc|\.yarnrc|\.yarnrc\.yml)$/, readFor: ['package.json'] },
  // Its packages are the attempt's; its `scriptShell` is not, and no variable overrides it. @source pnpm 10.34, 2026-11
  { names: /^pnpm-workspace\.yaml$/, readFor: [], merge: withShell, absent: '' },
  { names: /^(gradlew|mvnw)$/, readFor: [] },
  // Arguments of every `mvn`: `-DskipTests`.
  { names: /^\.mvn\/(maven|jvm)\.config$/, readFor: ['pom.xml'] },
  // `runner = "true"` passes every test.
  { names: /^\.cargo\/config(\.toml)?$/, readFor: ['Cargo.toml'] },
];

export interface JudgeSearch {
  readonly cwd: string;
  /** Paths in which the attempt's commit may differ from the run's first one. */
  readonly changed: readonly string[];
  readonly readBase: (path: string) => Promise<string | null>;
  /** Where the commands run. */
  readonly folders: readonly string[];
}

/** The judge's files that the attempt changed or added; one that it removed stays away, its command fails by itself. */
export async function changedJudgeFiles(search: JudgeSearch): Promise<JudgeTexts> {
  const texts = new Map<string, string | null>();
  for (const file of new Set([...search.changed, ...(await besideCommands(search))])) {
    const pin = pinOf(file);
    if (!pin) continue;
    const wanted = await wantedText(search, file, pin);
    if (wanted !== undefined) texts.set(file, wanted);
  }
  return texts;
}

/** Files that ignore rules keep out of every commit are in no list of changes: a planted `local.mk`. */
async function besideCommands({ cwd, folders }: JudgeSearch): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of new Set(folders.flatMap(upwards))) {
    for (const inside of ['', '.mvn', '.cargo']) {
      const place = inside === '' ? folder : join(folder, inside);
      const names = await readdir(path.join(cwd, place)).catch(() => []);
      found.push(...names.map((name) => join(place, name)).filter((file) => pinOf(file)));
    }
  }
  return found;
}

/** What has to stand there; undefined where the file may stay as it is. */
async function wantedText(search: JudgeSearch, file: string, pin: Pin): Promise<string | null | undefined> {
  const { cwd, readBase } = search;
  // A link in place of a folder could lead out of the tree.
  if (!(await hasRealParents(cwd, folderOf(file)))) return undefined;
  if ((await lstat(path.join(cwd, file)).catch(() => null)) === null) return undefined;
  const base = (await readBase(file)) ?? pin.absent ?? null;
  if (base === null) return (await isRead(search, file, pin)) ? null : undefined;
  const head = await textOf(path.join(cwd, file));
  const wanted = pin.merge ? pin.merge(head, base) : base;
  return wanted === head ? undefined : wanted;
}

/** True where a command of the first commit's own project would read the added file. */
async function isRead({ readBase, folders }: JudgeSearch, file: string, pin: Pin): Promise<boolean> {
  const owner = ownerOf(file);
  const below = folders.filter((folder) => upwards(folder).includes(owner));
  for (const folder of new Set([...upwards(owner), ...below])) {
    for (const marker of pin.readFor) {
      if ((await readBase(join(folder, marker))) !== null) return true;
    }
  }
  return false;
}

function pinOf(file: string): Pin | undefined {
  const owner = ownerOf(file);
  const inside = owner === '' ? file : file.slice(owner.length + 1);
  return pins.find(({ names }) => names.test(inside));
}

/** The folder of the project that the file belongs to. */
function ownerOf(file: string): string {
  const folder = folderOf(file);
  return /(^|\/)\.(mvn|cargo)$/.test(folder) ? folderOf(folder) : folder;
}

/** The text of a file, read through a link as tools do; null where it is none or far too large to be one. */
async function textOf(file: string): Promise<string | null> {
  const found = await stat(file).catch(() => null);
  return found?.isFile() && found.size <= limits.judgeFileBytesMax ? readFile(file, 'utf8') : null;
}

/** Says whose files judged, where the attempt had changed them; empty where it had not. */
export function firstVersions(texts: JudgeTexts): string {
  const of = (isAway: boolean) =>
    [...texts].flatMap(([file, text]) => ((text === null) === isAway ? [file] : [])).join(', ');
  const [laid, away] = [of(false), of(true)];
  const parts = [
    laid && `judged with the run's first version of ${laid}`,
    away && `judged without ${away}, which the run's first commit does not have`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** True for a shell text that runs scripts of a package.json or targets of a Makefile. */
export function startsScripts(text: string): boolean {
  return runsPackageScripts(text) || /\bg?make\b/.test(text);
}

export function runsPackageScripts(text: string): boolean {
  return /\b(npm|npx|pnpm|pnpx|yarn|bun|bunx|turbo|nx|lerna)\b|\bnode\b[^|;&\n]*\s--run\b/.test(text);
}
