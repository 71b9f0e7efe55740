/** What the default branch says: the project's `.gump` folder laid out where no agent works, and its gump.toml. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../config/environment.ts';
import { parseConfig } from '../config/parse.ts';
import { runGit } from '../git/git.ts';
import type { Publisher } from '../git/publish.ts';
import { type Configuration, configurationOf, projectFile, textAt } from './config-layers.ts';

interface Order {
  readonly publisher: Publisher;
  readonly commit: string;
  readonly dir: string;
}

/** Path of the folder; it has no files where the commit has none. @throws GumpError `git` */
export async function configurationFolder({ publisher, commit, dir }: Order): Promise<string> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const env = { ...publisher.env, GIT_WORK_TREE: dir, GIT_INDEX_FILE: join(dir, '.index') };
  const { stdout } = await runGit(['ls-tree', '-r', '--name-only', '-z', commit, '--', '.gump'], {
    cwd: dir,
    env: publisher.env,
  });
  if (stdout.length > 0) await runGit(['checkout', '--quiet', commit, '--', '.gump'], { cwd: dir, env });
  return join(dir, '.gump');
}

/** The environment over the commit's gump.toml; a runner has no user's own file. @throws GumpError `git` */
export async function configurationOnGithub(
  { publisher, commit }: Pick<Order, 'publisher' | 'commit'>,
  env: Environment,
): Promise<Configuration> {
  const text = await textAt({ cwd: publisher.gitDir, env: publisher.env }, commit);
  const project = text === null ? null : parseConfig({ file: projectFile, text });
  return configurationOf({ trust: 'default-branch', project, user: null, env });
}
