/** `gump run`: starts or resumes a run, shows it, turns its end into an exit code. */
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import {
  cleanLines,
  createTraceSink,
  type DryRun,
  encodeEvent,
  type LocalHost,
  type LocalResult,
  replayLocalRun,
  resumeLocalRun,
  type SandboxMode,
  type Sink,
  startLocalRun,
} from '../local.ts';
import { askAtTerminal } from './ask.ts';
import { defineCommand, wordAt } from './command.ts';
import { showPlan } from './dry-run.ts';
import { exitCodes } from './exit-codes.ts';
import { amountOption, countOption, fileName, repositoryOption, setOption } from './options.ts';
import { print, printDiagnostics, printError, printNote, wantsColour } from './output.ts';
import { pathResolver, repositoryFolder } from './place.ts';
import { wrongUse } from './run-use.ts';

export interface RunOptions {
  readonly spec?: string;
  readonly repo?: string;
  readonly agentScript?: string;
  readonly agent?: string;
  readonly maxBudget?: number;
  readonly maxParallel?: number;
  readonly sandbox?: SandboxMode;
  readonly pauseAfter?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly resume?: boolean;
  readonly replay?: boolean;
  readonly fromStep?: string;
  readonly run?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export const runCommand = defineCommand<RunOptions>({
  name: 'run',
  description: 'Run a workflow on a spec; the result is the branch gump/run-<id>.',
  arguments: [['[workflow]', 'name in the playbook, or path of a .yaml file']],
  options: [
    new Option('--spec <file>', 'what to build, markdown; -: standard input').argParser(fileName),
    repositoryOption(),
    new Option('--agent-script <file>', 'play the agents from a file: a rehearsal, free of charge').env(
      'GUMP_AGENT_SCRIPT',
    ),
    new Option('--agent <name>', 'this agent for every step'),
    amountOption('--max-budget <usd>', 'stop at this much money'),
    countOption('--max-parallel <n>', 'attempts at once, in the whole run'),
    new Option('--pause-after <step>', 'ask a person once this step has passed'),
    new Option(
      '--sandbox <mode>',
      'isolate agents and gates: where it can be done, or not without it, or not',
    ).choices(['auto', 'required', 'off']),
    setOption(),
    new Option('--resume', 'go on with the latest unfinished run, in the same ledger'),
    new Option('--replay', 'a new run from the state before a step of another one'),
    new Option('--from-step <path>', 'with --replay: the step to begin with'),
    new Option('--run <id>', 'with --resume or --replay: this run, not the latest'),
    new Option('--dry-run', 'only tell what would happen; nothing is started and nothing written'),
    new Option('--json', 'one event a line instead of the trace; with --dry-run one object'),
    new Option('--verbose', 'show the steps of validators too'),
  ],
  examples: [
    'gump run implement-spec --spec spec.md',
    'gump run implement-spec --spec spec.md --agent-script script.yaml',
    'gump run implement-spec --spec spec.md --dry-run',
    'gh issue view 7 --json body --jq .body | gump run bugfix --spec -',
    'gump run tune --spec spec.md --set feature=login',
    'gump run --resume',
    'gump run --replay --from-step build/task-1/converge --agent claude-opus',
  ],
  notes:
    'Exit codes: 0 passed, 1 failed, 2 wrong usage or invalid files, 3 paused, 130 / 143 stopped by SIGINT / SIGTERM.',
  perform: (words, options) => run(wordAt(words, 0), options),
});

async function run(workflow: string | null, options: RunOptions): Promise<number> {
  const wrong = wrongUse(workflow, options);
  if (wrong) {
    printError(wrong);
    return exitCodes.usage;
  }
  if (options.dryRun) return showPlan(wishOf(workflow ?? '', options), options);
  const stop = listenForSignals();
  try {
    const ending = rememberEnding();
    const host = hostOf(options, { signal: stop.signal, ending: ending.sink });
    const result = await begin(host, workflow, options);
    return await conclude(result, { signal: stop.signal, reason: ending.reason() });
  } finally {
    stop.done();
  }
}

function begin(host: LocalHost, workflow: string | null, options: RunOptions): Promise<LocalResult> {
  if (options.resume) return resume(host, options);
  if (options.replay) return replay(host, options);
  return startLocalRun({ ...host, ...wishOf(workflow ?? '', options) });
}

function hostOf(options: RunOptions, { signal, ending }: { signal: AbortSignal; ending: Sink }): LocalHost {
  return {
    repository: repositoryFolder(options.repo),
    self: [process.execPath, fileURLToPath(new URL('./main.ts', import.meta.url))],
    sinks: [options.json ? eventSink() : traceSink(options), ending],
    signal,
    ask: process.stdin.isTTY && process.stderr.isTTY ? askAtTerminal : null,
    onStart({ run, branch, diagnostics }) {
      printDiagnostics(diagnostics);
      printNote(`run ${run}, result on branch ${branch}`);
    },
  };
}

function wishOf(workflow: string, options: RunOptions): DryRun {
  const repository = repositoryFolder(options.repo);
  return {
    repository,
    workflow,
    specPath: options.spec ?? null,
    agentScript: options.agentScript ?? null,
    resolvePath: pathResolver(repository),
    env: process.env,
    asked: {
      agent: options.agent ?? null,
      maxBudgetUsd: options.maxBudget ?? null,
      maxParallel: options.maxParallel ?? null,
      pauseAfter: options.pauseAfter ?? null,
      sandbox: options.sandbox,
      set: options.set,
    },
  };
}

function resume(host: LocalHost, options: RunOptions): Promise<LocalResult> {
  return resumeLocalRun({
    ...host,
    run: options.run ?? null,
    agentScript: options.agentScript ?? null,
    maxBudgetUsd: options.maxBudget,
    sandbox: options.sandbox,
    resolvePath: pathResolver(host.repository),
  });
}

function replay(host: LocalHost, options: RunOptions): Promise<LocalResult> {
  const resolvePath = pathResolver(host.repository);
  const { agent, maxBudget, maxParallel, pauseAfter, agentScript, sandbox } = options;
  return replayLocalRun({
    ...host,
    run: options.run ?? null,
    fromStep: options.fromStep ?? '',
    agentScript: agentScript ?? null,
    resolvePath,
    settings: {
      ...(agent === undefined ? {} : { agent }),
      ...(maxBudget === undefined ? {} : { max_budget: maxBudget }),
      ...(maxParallel === undefined ? {} : { max_parallel: maxParallel }),
      ...(pauseAfter === undefined ? {} : { pause_after: pauseAfter }),
      ...(agentScript === undefined ? {} : { agent_script: resolvePath(agentScript) }),
      ...(sandbox === undefined ? {} : { sandbox: { mode: sandbox } }),
    },
  });
}

interface Ending {
  readonly signal: AbortSignal;
  /** Why the run failed; null where it did not. */
  readonly reason: string | null;
}

async function conclude(result: LocalResult, { signal, reason }: Ending): Promise<number> {
  if (result.kind === 'refused') {
    printDiagnostics(result.diagnostics);
    return exitCodes.usage;
  }
  const { run, branch, state } = result;
  if (state.status === 'pass') {
    printNote(
      result.changed
        ? `the result is on ${branch}; merge it with: gump apply ${run}`
        : 'the run has changed nothing: there is nothing to merge',
    );
    return exitCodes.pass;
  }
  if (state.status === 'fail') printError(`the run failed: ${shortened(reason ?? 'nobody said why', run)}`);
  const money = state.exceeded?.kind === 'budget' ? ' --max-budget USD' : '';
  const resume = `gump run --resume --run ${run}${money}`;
  if (state.status === 'paused') {
    printNote(`it asks a person; what it has done: gump report ${run}; say yes with: ${resume}`);
    return exitCodes.paused;
  }
  printNote(`go on with: ${resume}`);
  if (!signal.aborted) return exitCodes.fail;
  return signal.reason === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted;
}

/** Lines of a reason that a screen has room for. */
const reasonLinesMax = 20;

/** A reason quotes agents and gates: plain lines, and not too many. */
function shortened(reason: string, run: string): string {
  const lines = cleanLines(reason.trimEnd());
  if (lines.length <= reasonLinesMax) return lines.join('\n  ');
  const rest = `… ${lines.length - reasonLinesMax} more lines; whole logs are in .gump/runs/${run}/artifacts`;
  return [...lines.slice(0, reasonLinesMax), rest].join('\n  ');
}

function rememberEnding(): { readonly sink: Sink; reason(): string | null } {
  let reason: string | null = null;
  return {
    reason: () => reason,
    sink: {
      name: 'ending',
      open: () => undefined,
      event(event) {
        if (event.type === 'run_completed') reason = event.reason;
      },
      close: async () => undefined,
    },
  };
}

function traceSink({ verbose }: RunOptions): Sink {
  return createTraceSink({
    write: (text) => process.stdout.write(text),
    colour: wantsColour(),
    verbose: verbose ?? false,
  });
}

function eventSink(): Sink {
  return {
    name: 'events',
    open: () => undefined,
    event: (event) => print(encodeEvent(event).trimEnd()),
    close: async () => undefined,
  };
}

/** The first signal stops the run in good order; the second one ends the process at once. */
function listenForSignals(): { readonly signal: AbortSignal; done(): void } {
  const controller = new AbortController();
  const listen = (name: 'SIGINT' | 'SIGTERM') => {
    const heard = () => {
      if (controller.signal.aborted)
        process.exit(name === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted);
      printNote(`${name}: stopping; the run can be resumed`);
      controller.abort(name);
    };
    process.on(name, heard);
    return () => process.off(name, heard);
  };
  const offs = [listen('SIGINT'), listen('SIGTERM')];
  return {
    signal: controller.signal,
    done() {
      for (const off of offs) off();
    },
  };
}
