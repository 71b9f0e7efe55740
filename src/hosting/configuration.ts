/** The project's `.gump` folder as a commit has it, laid out where no agent works. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from '../git/git.ts';
import type { Publisher } from '../git/publish.ts';

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
