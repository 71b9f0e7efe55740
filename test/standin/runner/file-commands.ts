import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The files through which a step talks to the runner, each fresh for that step. */
export interface CommandFiles {
  readonly output: string;
  readonly env: string;
  readonly path: string;
  readonly state: string;
  readonly summary: string;
}

/** @source docs, "Adding a job summary": 1 MiB per step (2026-11) */
const summaryBytesMax = 1024 * 1024;

export async function createCommandFiles(directory: string, stepKey: string): Promise<CommandFiles> {
  const file = (kind: string): string => join(directory, `${kind}_${stepKey}`);
  const files = {
    output: file('set_output'),
    env: file('set_env'),
    path: file('add_path'),
    state: file('save_state'),
    summary: file('step_summary'),
  };
  await Promise.all(Object.values(files).map((path) => writeFile(path, '')));
  return files;
}

/** The environment variables that name the files. */
export function commandFileVariables(files: CommandFiles): Record<string, string> {
  return {
    GITHUB_OUTPUT: files.output,
    GITHUB_ENV: files.env,
    GITHUB_PATH: files.path,
    GITHUB_STATE: files.state,
    GITHUB_STEP_SUMMARY: files.summary,
  };
}

/**
 * The names and values that a step wrote as `name=value` or `name<<DELIMITER … DELIMITER`.
 * A file that is gone gives none.
 *
 * @throws with the runner's words when a line is neither
 * @source actions/runner, FileCommandManager (2026-11)
 */
export async function readPairs(path: string): Promise<Record<string, string>> {
  return parsePairs(await readFile(path, 'utf8').catch(() => ''));
}

function parsePairs(text: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals > 0 && (heredoc < 0 || equals < heredoc)) {
      pairs[line.slice(0, equals)] = line.slice(equals + 1);
    } else if (heredoc > 0 && heredoc + 2 < line.length) {
      const end = lines.indexOf(line.slice(heredoc + 2), index + 1);
      if (end < 0)
        throw new Error(`Invalid value. Matching delimiter not found '${line.slice(heredoc + 2)}'`);
      pairs[line.slice(0, heredoc)] = lines.slice(index + 1, end).join('\n');
      index = end;
    } else throw new Error(`Invalid format '${line}'`);
  }
  return pairs;
}

/** The lines that a step wrote to GITHUB_PATH, first line first. */
export async function readPathLines(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split(/\r?\n/).filter((line) => line !== '');
}

/**
 * The markdown that a step wrote to its summary; empty when it wrote none.
 *
 * @throws with the runner's words when it is above 1 MiB: GitHub then shows nothing of it
 */
export async function readSummary(path: string): Promise<string> {
  const bytes = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (bytes > summaryBytesMax) {
    const kibibytes = Math.floor(bytes / 1024);
    throw new Error(
      `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got ${kibibytes}k.`,
    );
  }
  return bytes === 0 ? '' : readFile(path, 'utf8');
}
