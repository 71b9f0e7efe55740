/** What does not go together on the line of `gump run`: what would be ignored is refused. */
import type { RunOptions } from './run.ts';

/** Why nothing can be started from this line, with what to type instead; null where it is fine. */
export function wrongUse(workflow: string | null, options: RunOptions): string | null {
  if (options.resume && options.replay)
    return '--resume and --replay exclude each other: one goes on with a run, the other begins a new one';
  if (options.resume) return wrongContinuation('--resume', notWithResume, { workflow, options });
  if (options.replay) return wrongReplay(workflow, options);
  if (options.fromStep !== undefined) return '--from-step goes with --replay';
  if (options.run !== undefined) return '--run goes with --resume or --replay';
  if (workflow === null) return 'no workflow is named\n  example: gump run implement-spec --spec spec.md';
  return null;
}

interface Line {
  readonly workflow: string | null;
  readonly options: RunOptions;
}

/** By their names in `RunOptions`. */
type Names = Readonly<Partial<Record<keyof RunOptions, string>>>;

const notWithReplay: Names = { spec: '--spec', set: '--set', dryRun: '--dry-run' };
const notWithResume: Names = {
  ...notWithReplay,
  agent: '--agent',
  maxParallel: '--max-parallel',
  pauseAfter: '--pause-after',
  fromStep: '--from-step',
};

const anew: Readonly<Record<string, string>> = {
  '--resume': '--agent-script, --max-budget, --sandbox',
  '--replay': '--agent, --agent-script, --max-budget, --max-parallel, --pause-after, --sandbox',
};

function wrongReplay(workflow: string | null, options: RunOptions): string | null {
  if (options.fromStep === undefined)
    return '--replay needs the step to begin with\n  example: gump run --replay --from-step build/task-1/converge';
  return wrongContinuation('--replay', notWithReplay, { workflow, options });
}

function wrongContinuation(flag: string, refused: Names, { workflow, options }: Line): string | null {
  const kept =
    flag === '--resume' ? 'a run goes on with its own' : 'it is the workflow of the run that is replayed';
  if (workflow !== null) return `${flag} takes no workflow: ${kept}; name a run by --run ID`;
  const given = Object.entries(refused).find(([name]) => options[name as keyof RunOptions] !== undefined);
  if (!given) return null;
  const why =
    flag === '--resume' ? 'a run goes on as it was begun' : 'workflow, spec and inputs are those of that run';
  return `${given[1]} does not go with ${flag}: ${why}\n  what can be set anew: ${anew[flag]}`;
}
