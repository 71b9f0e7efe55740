/** A user's repository in a fresh folder, with its own home so that no configuration of this machine counts. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Fixture {
  /** Holds everything; removed by `remove`. */
  readonly top: string;
  readonly repo: string;
  readonly gitDir: string;
  readonly home: string;
  git(...args: string[]): string;
  gitIn(cwd: string, ...args: string[]): string;
  write(path: string, content: string | Uint8Array): void;
  commit(message: string): string;
  remove(): void;
}

export function createFixture(options: { readonly initArgs?: readonly string[] } = {}): Fixture {
  const top = mkdtempSync(join(tmpdir(), 'gump-git-'));
  const repo = join(top, 'repo');
  const home = join(top, 'home');
  mkdirSync(repo);
  mkdirSync(home);
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'user',
    GIT_AUTHOR_EMAIL: 'user@example.com',
    GIT_COMMITTER_NAME: 'user',
    GIT_COMMITTER_EMAIL: 'user@example.com',
  };
  const gitIn = (cwd: string, ...args: string[]) =>
    execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd();
  const git = (...args: string[]) => gitIn(repo, ...args);
  git('init', '-q', '-b', 'main', ...(options.initArgs ?? []));
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(repo, path)), { recursive: true });
    writeFileSync(join(repo, path), content);
  };
  return {
    top,
    repo,
    gitDir: join(repo, '.git'),
    home,
    git,
    gitIn,
    write,
    commit: (message) => {
      git('add', '-A');
      git(
        '-c',
        'core.hooksPath=/dev/null',
        '-c',
        'commit.gpgSign=false',
        'commit',
        '-q',
        '--allow-empty',
        '-m',
        message,
      );
      return git('rev-parse', 'HEAD');
    },
    remove: () => rmSync(top, { recursive: true, force: true }),
  };
}
