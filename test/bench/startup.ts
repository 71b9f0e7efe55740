/** How long the Action takes from the start of its bundle to its first agent's process, in a real runner environment. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRunner } from '../standin/runner.ts';
import { startStandin } from '../standin/standin.ts';
import { type Figure, median } from './figure.ts';
import { coveredMs, type Interval } from './interval.ts';

const root = join(import.meta.dirname, '../..');
const bundle = join(root, 'action/dist/index.js');
const rounds = 7;

export async function startupFigures(): Promise<readonly Figure[]> {
  const top = mkdtempSync(join(tmpdir(), 'gump-bench-'));
  try {
    const starts = await startActions(top);
    const empty = median(times(() => node(0, '-e', '0')));
    // Outside of a runner everything is loaded, the missing inputs are told, and nothing runs.
    const load = median(times(() => node(2, bundle)));
    const own = median(starts.map(ownMs));
    const all = median(starts.map(({ firstAgentMs }) => firstAgentMs));
    const git = { name: 'its git commands', value: median(starts.map(gitMs)) };
    const commands = median(starts.map((start) => start.git.length));
    const asked = median(starts.map((start) => coveredMs(start.api, boundsOf(start))));
    const requests = median(starts.map((start) => start.api.length));
    return [
      {
        name: 'bundle start → first agent',
        value: all,
        unit: 'ms',
        baseline: git,
        note: `${commands} git commands, ${requests} API requests`,
      },
      {
        name: 'the same beyond git',
        value: own,
        unit: 'ms',
        baseline: { name: 'goal', value: 400 },
        note: `requests take ${asked.toFixed(0)} ms, partly beside git`,
      },
      {
        name: 'bundle, loaded, refusing to run',
        value: load,
        unit: 'ms',
        baseline: { name: 'empty script', value: empty },
      },
    ];
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

interface Start {
  readonly firstAgentMs: number;
  /** From the start of the process. */
  readonly git: readonly Interval[];
  readonly api: readonly Interval[];
}

function boundsOf({ firstAgentMs }: Start): Interval {
  return { startMs: 0, endMs: firstAgentMs };
}

function gitMs(start: Start): number {
  return coveredMs(start.git, boundsOf(start));
}

function ownMs(start: Start): number {
  return start.firstAgentMs - gitMs(start);
}

async function startActions(top: string): Promise<readonly Start[]> {
  const report = join(top, 'report.json');
  const probe = layOutProbe(top, report);
  const standin = await startStandin({ dir: join(top, 'git') });
  const runner = createRunner({
    standin,
    bundle: probe,
    actionYml: join(root, 'action.yml'),
    dir: join(top, 'jobs'),
  });
  try {
    layOut(join(top, 'project'), projectFiles);
    await standin.addRepository({ owner: 'acme', name: 'bench', fromDir: join(top, 'project'), secrets: {} });
    const starts: Start[] = [];
    for (let round = 1; round <= rounds; round++) {
      rmSync(report, { force: true });
      await runner.start({
        owner: 'acme',
        repo: 'bench',
        workflowPath: '.github/workflows/gump.yml',
        ref: 'main',
        inputs: {},
        actor: 'mara',
      });
      await runner.idle();
      const job = runner.jobs.at(-1);
      if (job?.conclusion !== 'success') throw new Error(`The measured run did not pass:\n${job?.log}`);
      starts.push(JSON.parse(readFileSync(report, 'utf8')));
    }
    return starts.slice(1);
  } finally {
    await runner.close();
    await standin.close();
  }
}

const projectFiles = {
  'README.md': '# Bench\n',
  'spec.md': '# One file\n\nWrite one file.\n',
  '.gump/workflows/one-step.yaml':
    'name: one-step\nsteps:\n  - name: do\n    type: code\n    get: {prompt: "{spec}"}\n    run: {agent: claude-sonnet}\n',
  '.gump/agents.yaml': 'rules:\n  - step: do\n    turns: [{write: {one.txt: "1\\n"}}]\n',
  '.github/workflows/gump.yml': `name: gump
on: workflow_dispatch
permissions: {contents: write, checks: write, issues: write, pull-requests: write}
jobs:
  run:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with: {fetch-depth: 0, persist-credentials: false}
      - uses: acme/gump@v1
        with: {workflow: one-step, spec: spec.md, agent-script: .gump/agents.yaml, sandbox: "off", run-id: "bench-\${{ github.run_id }}"}
`,
};

function layOut(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
}

/** Takes the bundle's place, notes what happens until the first agent, and starts the real one; plain JavaScript costs next to nothing. */
function layOutProbe(top: string, report: string): string {
  const text = `import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
if (process.argv[2] !== 'scripted-agent') {
  const git = [];
  const api = [];
  const asked = new Map();
  let told = false;
  subscribe('child_process', ({ process: child }) => {
    const startMs = performance.now();
    queueMicrotask(() => {
      if (child.spawnargs.includes('scripted-agent') && !told) {
        told = true;
        writeFileSync(${JSON.stringify(report)}, JSON.stringify({ firstAgentMs: startMs, git, api }));
      }
    });
    child.once('exit', () => {
      if (child.spawnargs[0] === 'git' && child.spawnargs[1] !== 'cat-file') git.push({ startMs, endMs: performance.now() });
    });
  });
  subscribe('undici:request:create', ({ request }) => asked.set(request, performance.now()));
  subscribe('undici:request:trailers', ({ request }) => api.push({ startMs: asked.get(request), endMs: performance.now() }));
}
await import(${JSON.stringify(bundle)});
`;
  layOut(join(top, 'probe'), { 'index.js': text, 'package.json': '{"type":"module"}' });
  return join(top, 'probe', 'index.js');
}

function node(expected: number, ...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, args, {
    stdio: 'ignore',
    env: { PATH: process.env.PATH ?? '' },
  });
  if (status !== expected)
    throw new Error(`node ${args.join(' ')} ended with ${status}, not with ${expected}`);
}

function times(work: () => void): readonly number[] {
  return Array.from({ length: 9 }, () => {
    const startMs = performance.now();
    work();
    return performance.now() - startMs;
  });
}
