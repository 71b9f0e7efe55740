/** Whether the agents of a run are isolated: asked for, found out, written down, and told. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Said } from '../config/config.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Fact } from '../events/event.ts';
import type { Repository } from '../git/repository.ts';
import { type Isolation, isolate } from '../process/isolation.ts';
import { type Site, workFolder } from './github-site.ts';

/** HOME of a run's commands, new for each engine. */
export function homeIn(folder: string): string {
  return join(folder, 'home');
}

export interface LocalPlace {
  readonly repository: Repository;
  /** The run's folder. */
  readonly folder: string;
  readonly self: readonly string[];
}

export function isolateLocalRun(
  settings: Said<'sandbox'>,
  { repository, folder, self }: LocalPlace,
): Promise<Isolation> {
  const { root, gitDir, commonDir } = repository;
  return isolate({
    ...wishOf(settings),
    self,
    home: homeIn(folder),
    objects: join(commonDir, 'objects'),
    hidden: [root, gitDir, commonDir],
  });
}

export function isolateGithubRun(settings: Said<'sandbox'>, site: Site): Promise<Isolation> {
  const { options, publisher, root } = site;
  const { GITHUB_WORKSPACE: workspace } = options.env;
  return isolate({
    ...wishOf(settings),
    self: options.self,
    home: homeIn(workFolder(site)),
    objects: join(publisher.gitDir, 'objects'),
    hidden: [root, options.tempDir, ...(workspace ? [workspace] : [])],
  });
}

function wishOf({ mode = 'auto', read = [], write = [] }: Said<'sandbox'>) {
  const atHome = (path: string) => path.replace(/^~(?=\/)/, homedir());
  return { mode, read: read.map(atHome), write: write.map(atHome) };
}

/** Why a run must not start: it is to be isolated, and cannot be. Empty where it may. */
export function refuseIsolation({ mode }: Said<'sandbox'>, { why }: Isolation): readonly Diagnostic[] {
  if (mode !== 'required' || why === null) return [];
  const message = `a sandbox is required, and there is none: ${why.reason}`;
  return [{ severity: 'error', code: 'no-sandbox', message, hint: why.hint }];
}

/** What a person should see without reading the trace: nothing where the agents are isolated. */
export function warnOfIsolation({ why }: Isolation): readonly Diagnostic[] {
  if (why === null) return [];
  return [{ severity: 'warning', code: 'no-sandbox', message: messageOf(why), hint: why.hint }];
}

/** The facts that open a run, with what isolates its agents. */
export function withIsolation(opening: readonly Fact[], { name, why }: Isolation): readonly Fact[] {
  const isolation = { sandbox: name, reason: why?.reason ?? null };
  return opening.map((fact) =>
    fact.type === 'run_started' || fact.type === 'run_resumed' ? { ...fact, isolation } : fact,
  );
}

/** Loud in trace and report where nothing isolates the agents. */
export function noticeOfIsolation({ why }: Isolation): readonly Fact[] {
  return why === null ? [] : [{ type: 'notice', message: `${messageOf(why)}; ${why.hint}` }];
}

function messageOf(why: { readonly reason: string }): string {
  return `agents are not isolated: ${why.reason}`;
}
