/** Which commands judge an attempt: from gump.toml, else from the project, as of the commit that the run started on. Pure. */
import { limits } from '../limits.ts';
import { commandOf } from './markers.ts';
import { type Command, folderOf, type Project, upwards } from './project.ts';
import { type Goal, readValidation, type Validation } from './validation.ts';

export interface Question {
  readonly goal: Goal;
  /** Changed paths; for none the top folder is asked. */
  readonly files: readonly string[];
  readonly base: Project;
  readonly head: Project;
  /** What the user's own configuration says; it holds where the project's `gump.toml` says nothing. */
  readonly user: Validation;
}

export interface Judge {
  readonly command: Command;
  /** `head`: the base has no such command, or `from = "head"`. */
  readonly origin: 'base' | 'head';
}

export type Detection =
  | {
      /** Empty: no command is to be found. */
      readonly judges: readonly Judge[];
      readonly from: 'base' | 'head';
      /** How long each command may take, in milliseconds. */
      readonly timeoutMs: number;
    }
  | { readonly problem: string };

/** The commands for a goal, one for each project that the changed files belong to (the nearest above each). */
export async function detectCommands(question: Question): Promise<Detection> {
  const said = await validationAt(question.base, question.user);
  if (typeof said === 'string') return { problem: said };
  const { from = 'base', timeout: timeoutMs = limits.gateTimeoutMs } = said;
  const projects = from === 'base' ? [question.base, question.head] : [question.head];
  const judges = new Map<string, Judge>();
  for (const folder of startingFolders(question.files)) {
    const found = await firstJudge({ question, projects, folder });
    if (typeof found === 'string') return { problem: found };
    if (found) judges.set(`${found.command.folder} ${found.command.source}`, found);
  }
  return { judges: [...judges.values()], from, timeoutMs };
}

/** Base before head; in each its gump.toml comes first, then the user's own word, then what its files tell. */
async function firstJudge(search: {
  readonly question: Question;
  readonly projects: readonly Project[];
  readonly folder: string;
}): Promise<Judge | string | null> {
  const { question, projects, folder } = search;
  const { goal, user } = question;
  for (const project of projects) {
    const origin = project === question.base ? 'base' : 'head';
    const own = await validationAt(project, {});
    if (typeof own === 'string') return own;
    if (own[goal] !== undefined) return { command: said(own[goal], validationSource), origin };
    // Where an attempt cannot write, it is as good as the base's.
    if (user[goal] !== undefined) return { command: said(user[goal], userValidationSource), origin: 'base' };
    const command = await nearestCommand(project, goal, folder);
    if (command) return { command, origin };
  }
  return null;
}

const validationSource = '[validation] of gump.toml';
const userValidationSource = '[validation] of ~/.gump/config.toml';

function said(text: string, source: string): Command {
  return { folder: '', texts: [{ text, env: {} }], source };
}

/** What `[validation]` says at a commit, over what the user says; its mistakes as text where it has some. */
export async function validationAt(project: Project, user: Validation): Promise<Validation | string> {
  const text = await project.read('gump.toml');
  const own = text === null ? {} : readValidation(text);
  return typeof own === 'string' ? own : { ...user, ...own };
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
  const folders = files.map(folderOf);
  return folders.length === 0 ? [''] : [...new Set(folders)].sort();
}
