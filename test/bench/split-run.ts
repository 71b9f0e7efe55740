/** A run of one split with many tasks, in turn or side by side, on a real repository, file ledger and git workspace. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../../src/events/event.ts';
import { gitProcesses } from '../../src/git/git.ts';
import { removeTree } from '../../src/git/remove.ts';
import { openWorkspace } from '../../src/git/workspace.ts';
import { openFileLedger } from '../../src/ledger/file.ts';
import { buildPlan } from '../../src/plan/build.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { AgentAdapter, AgentEnd } from '../../src/ports/agent.ts';
import { executeRun } from '../../src/runtime/run.ts';
import { specFromText } from '../../src/spec/spec.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import { watchGit } from './git-clock.ts';
import { coveredMs } from './interval.ts';

export interface SplitRun {
  readonly tasks: number;
  /** Played by these; default: an instant agent of this process that writes one file a task. */
  readonly adapter?: AgentAdapter;
  /** False: the agents change nothing. */
  readonly writes?: boolean;
  /** True: all tasks at once, in trees of their own; default: one after another. */
  readonly parallel?: boolean;
  /** In the repository before the run, at least one a task; default 100. */
  readonly files?: number;
}

export interface Measured {
  readonly status: string;
  readonly events: readonly Event[];
  readonly wallMs: number;
  /** While at least one git command ran. */
  readonly gitMs: number;
  readonly agentMs: number;
  /** One a task, and the split's own. */
  readonly attempts: number;
  /** Git commands of the whole run. */
  readonly gitCommands: number;
  /** Git commands from each launch to the next, without the first. */
  readonly gitPerAttempt: readonly number[];
}

const workflowText = (parallel: boolean) => `name: bench
steps:
  - name: split
    type: split
    parallel: ${parallel}
    get: {prompt: "Split {spec}"}
    run: {agent: claude-sonnet}
    each:
      - name: work
        type: code
        get: {prompt: "Do {task.name}"}
        run: {agent: claude-sonnet}
`;

/** Each task changes a file that is there already: the tree does not grow with the number of tasks. */
export async function runSplit(options: SplitRun): Promise<Measured> {
  const top = mkdtempSync(join(tmpdir(), 'gump-bench-'));
  const clock = watchGit();
  try {
    const { gitDir, base } = createRepository(join(top, 'repo'), options.files ?? 100);
    const plan = planOn(base, options);
    const workspace = await openWorkspace({
      objects: gitDir,
      dir: join(top, 'work'),
      resultRef: { gitDir, ref: 'refs/heads/gump/bench' },
      base,
    });
    const ledger = await openFileLedger(join(top, 'run'));
    const launches: number[] = [];
    const adapter = options.adapter ?? instantAgent(options);
    const counted: AgentAdapter = {
      launch: (order, onEvent) => {
        launches.push(gitProcesses());
        return adapter.launch(order, onEvent);
      },
    };
    const before = gitProcesses();
    const startMs = performance.now();
    const state = await executeRun(
      {
        ledger,
        workspace,
        agents: { find: () => counted, family: () => 'claude' },
        gates: { run: async () => ({ status: 'pass', reason: '', log: '' }) },
        sinks: [],
        system: { now: () => new Date().toISOString(), redact: (text) => text, ask: async () => null },
        shell: async () => ({ ok: true, stdout: '', reason: '' }),
        scratch: join(top, 'scratch'),
        clear: removeTree,
      },
      { plan, past: [], opening: [startOf(plan)], signal: new AbortController().signal },
    );
    const endMs = performance.now();
    const gitCommands = gitProcesses() - before;
    const events = await ledger.read();
    await ledger.close();
    await workspace.dispose();
    return {
      status: state.status,
      events,
      wallMs: endMs - startMs,
      gitMs: coveredMs(clock.intervals, { startMs, endMs }),
      agentMs: sum(events.map((event) => (event.type === 'agent_completed' ? event.duration_ms : 0))),
      attempts: launches.length,
      gitCommands,
      gitPerAttempt: launches.slice(2).map((count, index) => count - (launches[index + 1] ?? 0)),
    };
  } finally {
    clock.stop();
    rmSync(top, { recursive: true, force: true });
  }
}

function instantAgent({ tasks, writes = true }: SplitRun): AgentAdapter {
  return {
    launch: async (order) => {
      if (order.stepKind === 'split') return ended(JSON.stringify(tasksOf(tasks)));
      const task = Number(/task-(\d+)/.exec(order.step)?.[1]);
      if (writes) writeFileSync(join(order.cwd, fileOf(task)), 'changed\n');
      return ended('done');
    },
  };
}

export function tasksOf(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    name: `task-${index + 1}`,
    description: 'one of many',
    files: [fileOf(index + 1)],
  }));
}

export function fileOf(task: number): string {
  return `src/${task}.txt`;
}

function ended(output: string): AgentEnd {
  const usage = { turns: 1, tokens_in: 1, tokens_out: 1, cost: 0 };
  return { outcome: 'ok', exitCode: 0, sessionId: 's', output, error: null, usage, durationMs: 0 };
}

/** A repository with one commit of so many small files. */
export function createRepository(
  dir: string,
  files: number,
): { readonly gitDir: string; readonly base: string } {
  mkdirSync(join(dir, 'src'), { recursive: true });
  for (let index = 0; index < files; index++)
    writeFileSync(join(dir, 'src', `${index}.txt`), `file ${index}\n`);
  const env = { PATH: process.env.PATH ?? '', HOME: dir, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: dir, env, encoding: 'utf8' });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('-c', 'user.name=u', '-c', 'user.email=u@example.com', 'commit', '-q', '-m', 'first');
  return { gitDir: join(dir, '.git'), base: git('rev-parse', 'HEAD').trim() };
}

function planOn(base: string, { tasks, parallel = false }: SplitRun): Plan {
  const parsed = parseWorkflow({ file: 'bench.yaml', text: workflowText(parallel), readPrompt: () => null });
  if (!parsed.workflow) throw new Error(JSON.stringify(parsed.diagnostics));
  const max_parallel = parallel ? tasks : 1;
  const settings = { default_agent: null, agent: null, max_budget: null, max_parallel, pause_after: null };
  const { plan, diagnostics } = buildPlan({
    run: 'bench',
    workflow: parsed.workflow,
    spec: specFromText('many small things', 'spec.md'),
    base,
    settings,
    gump: '0.0.0',
    called: () => null,
  });
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

function startOf({ run, workflow, spec, base, settings, gump }: Plan) {
  const spec_hash = spec.hash;
  const spec_origin = spec.origin;
  return { type: 'run_started', run, workflow, spec_hash, spec_origin, base, settings, gump } as const;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
