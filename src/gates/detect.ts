/** Which commands judge an attempt: from gump.toml, else from the project, as of the commit that the run started on. Pure. */
import { formatDiagnostic } from '../diagnostic.ts';
import { type Command, commandOf, type Project } from './markers.ts';
import { type Goal, noValidation, parseValidation, type ValidationSettings } from './validation.ts';

export interface Question {
  readonly goal: Goal;
  /** Changed paths; for none the top folder is asked. */
  readonly files: readonly string[];
  readonly base: Project;
  readonly head: Project;
  /** What the host has read already; null: `gump.toml` of the commit says it. */
  readonly settings: ValidationSettings | null;
}

export interface Judge {
  readonly command: Command;
  /** `head`: the base has no such command, or `from = "head"`. */
  readonly origin: 'base' | 'head';
}

export type Detection =
  /** Empty: no command is to be found. */
  { readonly judges: readonly Judge[]; readonly from: 'base' | 'head' } | { readonly problem: string };

/** The commands for a goal, one for each project that the changed files belong to (the nearest above each). */
export async function detectCommands(question: Question): Promise<Detection> {
  const settings = question.settings ?? (await readSettings(question.base));
  if (typeof settings === 'string') return { problem: settings };
  const { from } = settings;
  const own = settings.commands[question.goal];
  // What the host says counts as the base's: it comes from where an attempt cannot write.
  if (own !== undefined && (from === 'base' || question.settings)) {
    return { judges: [{ command: configured(own), origin: 'base' }], from };
  }
  const projects = from === 'base' ? [question.base, question.head] : [question.head];
  const judges = new Map<string, Judge>();
  for (const folder of startingFolders(question.files)) {
    const found = await firstJudge({ question, projects, folder });
    if (typeof found === 'string') return { problem: found };
    if (found) judges.set(`${found.command.folder} ${found.command.source}`, found);
  }
  return { judges: [...judges.values()], from };
}

/** Base before head; in the head its gump.toml comes first, as it does in the base. */
async function firstJudge(search: {
  readonly question: Question;
  readonly projects: readonly Project[];
  readonly folder: string;
}): Promise<Judge | string | null> {
  const { question, projects, folder } = search;
  for (const project of projects) {
    const origin = project === question.base ? 'base' : 'head';
    if (origin === 'head') {
      const settings = await readSettings(project);
      if (typeof settings === 'string') return settings;
      const own = settings.commands[question.goal];
      if (own !== undefined) return { command: configured(own), origin };
    }
    const command = await nearestCommand(project, question.goal, folder);
    if (command) return { command, origin };
  }
  return null;
}

export const validationSource = '[validation] of gump.toml';

function configured(text: string): Command {
  return { folder: '', texts: [{ text, env: {} }], source: validationSource };
}

async function nearestCommand(project: Project, goal: Goal, start: string): Promise<Command | null> {
  for (const folder of upwards(start)) {
    // A folder that the attempt removed cannot be worked in: its parent answers.
    if ((await project.list(folder)) === null) continue;
    const command = await commandOf({ project, folder, goal });
    if (command) return command;
  }
  return null;
}

function startingFolders(files: readonly string[]): readonly string[] {
  const folders = files.map((file) => file.split('/').slice(0, -1).join('/'));
  return folders.length === 0 ? [''] : [...new Set(folders)].sort();
}

/** `a/b` → `a/b`, `a`, `''`. */
export function upwards(folder: string): readonly string[] {
  const parts = folder === '' ? [] : folder.split('/');
  return Array.from({ length: parts.length + 1 }, (_, index) =>
    parts.slice(0, parts.length - index).join('/'),
  );
}

/** `[validation]` as the commit's gump.toml says it; its mistakes as text where it has some. */
export async function readSettings(project: Project): Promise<ValidationSettings | string> {
  const text = await project.read('gump.toml');
  if (text === null) return noValidation;
  const { settings, diagnostics } = parseValidation({ file: 'gump.toml', text });
  return settings ?? diagnostics.map(formatDiagnostic).join('\n');
}
