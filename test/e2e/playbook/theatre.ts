/** Plays a shipped workflow in a small real project: real git, real gates, agents that are processes of their own. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Rule } from '../../../src/agents/script.ts';
import type { Event } from '../../../src/events/event.ts';
import { createTraceSink, formatDiagnostic, startLocalRun } from '../../../src/local.ts';
import { type Desk, openDesk } from '../../cli/command.ts';
import { blemishes, eventsOf, ofType } from '../../cli/ledger.ts';
import { commitAll, type Files, listing, writeFiles } from '../../cli/project.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/playbook');
const program = join(import.meta.dirname, 'recording-agent.ts');

export interface Theatre {
  readonly desk: Desk;
  play(scene: Scene): Promise<Played>;
  close(): Promise<void>;
}

export interface Scene {
  readonly workflow: string;
  /** Rules of the agents, the first that fits is played: `tdd/passes` is a file of the fixtures. */
  readonly rules: readonly (string | Rule)[];
  /** Files of the project besides those of the fixture, or instead of them. */
  readonly files?: Files;
  readonly maxBudgetUsd?: number;
}

export interface Played {
  readonly status: string;
  /** Why the run did not pass; empty where it did. */
  readonly reason: string;
  readonly events: readonly Event[];
  /** Lines of the trace. */
  readonly trace: readonly string[];
  /** `step path#attempt agent session` of every launch, in order. */
  readonly launches: readonly string[];
  /** What the agent of an attempt was told. @throws where it was never launched */
  told(step: string, attempt?: number): string;
  /** Texts of the files that the result changed against where the run started; null for one that is gone. */
  changed(): Promise<Readonly<Record<string, string | null>>>;
}

/** The spec of every scene; words of it show whether an agent was told it. */
export const specText = '# Figures\n\nThe team wants them by Friday: {id}, ${HOME}.\n';

export async function openTheatre(): Promise<Theatre> {
  const desk = await openDesk('gump-playbook-');
  for (const name of ['HOME', 'TMPDIR', 'GIT_CONFIG_NOSYSTEM']) process.env[name] = desk.env[name];
  writeFileSync(join(desk.dir, 'spec.md'), specText);
  // The agents' program keeps its prompts there, in a sandbox too.
  const own = `[sandbox]\nwrite = ["${join(desk.dir, 'prompts')}"]\n`;
  await writeFiles(desk.home, { '.gump/config.toml': own });
  mkdirSync(join(desk.dir, 'prompts'));
  let scenes = 0;
  return {
    desk,
    play: (scene) => play(desk, scene, join(desk.dir, `scene-${++scenes}`)),
    close: () => desk.remove(),
  };
}

async function play(desk: Desk, scene: Scene, dir: string): Promise<Played> {
  const prompts = join(desk.dir, 'prompts', basename(dir));
  mkdirSync(prompts, { recursive: true });
  await makeProject(desk, dir, scene.files ?? {});
  writeFileSync(`${dir}.yaml`, stringify({ rules: scene.rules.flatMap(rulesOf) }));
  const before = await listing(dir, ['.git', '.gump']);
  const trace: string[] = [];
  const result = await startLocalRun({
    repository: dir,
    workflow: scene.workflow,
    specPath: join(desk.dir, 'spec.md'),
    agentScript: `${dir}.yaml`,
    resolvePath: (path) => path,
    self: [process.execPath, program, prompts],
    sinks: [createTraceSink({ write: (text) => trace.push(text), colour: false, verbose: true })],
    signal: new AbortController().signal,
    ask: null,
    onStart: ({ diagnostics }) => expect(diagnostics.filter(({ code }) => code !== 'no-sandbox')).toEqual([]),
    env: {},
    asked: { agent: null, maxBudgetUsd: scene.maxBudgetUsd ?? null, maxParallel: 2, pauseAfter: null },
  });
  if (result.kind === 'refused') throw new Error(result.diagnostics.map(formatDiagnostic).join('\n'));
  expect(await listing(dir, ['.git', '.gump'])).toEqual(before);
  const events = eventsOf(dir);
  expect(blemishes(events, 2)).toEqual([]);
  return played({ desk, dir, prompts, events, branch: result.branch, trace: trace.join('').split('\n') });
}

/** The text of a fixture's rules. */
export function rulesOf(rule: string | Rule): readonly Rule[] {
  if (typeof rule !== 'string') return [rule];
  return parse(readFileSync(join(fixtures, `${rule}.yaml`), 'utf8')).rules;
}

/** The project of the fixtures, no repository yet, with files besides. */
export async function copyProject(dir: string, files: Files): Promise<void> {
  cpSync(join(fixtures, 'project'), dir, { recursive: true });
  await writeFiles(dir, files);
}

async function makeProject(desk: Desk, dir: string, files: Files): Promise<void> {
  await copyProject(dir, files);
  await desk.git(dir, 'init', '-q', '-b', 'main');
  await commitAll(desk, dir, 'first');
}

interface Ended {
  readonly desk: Desk;
  readonly dir: string;
  readonly prompts: string;
  readonly events: readonly Event[];
  readonly branch: string;
  readonly trace: readonly string[];
}

function played({ desk, dir, prompts, events, branch, trace }: Ended): Played {
  const launched = ofType(events, 'agent_launched');
  const end = ofType(events, 'run_completed').at(-1);
  const started = new Map(ofType(events, 'step_started').map((one) => [`${one.step}#${one.attempt}`, one]));
  return {
    status: end?.status ?? 'unfinished',
    reason: end?.reason ?? '',
    events,
    trace,
    launches: launched.map(({ step, attempt, agent }) => {
      return `${step}#${attempt} ${agent} ${started.get(`${step}#${attempt}`)?.session_mode}`;
    }),
    told(step, attempt = 1) {
      const launch = launched.find((one) => one.step === step && one.attempt === attempt);
      if (!launch) throw new Error(`${step}#${attempt} was never launched`);
      return readFileSync(join(prompts, launch.prompt_hash), 'utf8');
    },
    async changed() {
      const paths = (await desk.git(dir, 'diff', '--no-renames', '--name-only', 'main', branch)).split('\n');
      const texts = paths
        .filter((path) => path !== '')
        .map(async (path) => {
          const text = await desk.git(dir, 'show', `${branch}:${path}`).catch(() => null);
          return [path, text] as const;
        });
      return Object.fromEntries(await Promise.all(texts));
    },
  };
}
