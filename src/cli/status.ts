/** `gump status`: one line a run, and what to do next. */
import { Option } from 'commander';
import { columns, formatAge, formatCost, formatDuration, type RunStanding, statusOf } from '../local.ts';
import { defineCommand } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { repositoryOption } from './options.ts';
import { print, printDiagnostics, printNote } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
  readonly json?: boolean;
}

export const statusCommand = defineCommand<Options>({
  name: 'status',
  description: 'List the runs of a repository, newest first, and say what to do next.',
  options: [repositoryOption(), new Option('--json', 'an array of objects')],
  examples: ['gump status', 'gump status --repo ../service'],
  notes:
    'running: a process works on it; lost: none does, and it has no end (`gump run --resume`); paused: a person is asked.',
  perform: (_words, options) => status(options),
});

async function status(options: Options): Promise<number> {
  const listed = await statusOf(repositoryFolder(options.repo));
  if (listed.kind === 'refused') {
    printDiagnostics(listed.diagnostics);
    return exitCodes.usage;
  }
  const { runs } = listed;
  if (options.json) print(JSON.stringify(runs, null, 2));
  else if (runs.length === 0) print('no runs yet; start one with: gump run implement-spec --spec spec.md');
  else for (const line of columns(runs.map(cells))) print(line);
  for (const line of options.json ? [] : nextSteps(runs)) printNote(line);
  return exitCodes.pass;
}

function cells(run: RunStanding): readonly string[] {
  const {
    status,
    workflow,
    costUsd,
    costUnknown,
    durationMs,
    startedAt,
    engine,
    applied,
    replayOf,
    problem,
  } = run;
  const age = startedAt === null ? '' : `${formatAge(Date.now() - Date.parse(startedAt))} ago`;
  const remarks = [
    engine ? `process ${engine.pid}` : '',
    run.status === 'pass' && !run.changed ? 'changed nothing' : applied ? 'applied' : '',
    replayOf === null ? '' : `replay of ${replayOf}`,
    problem ?? '',
  ];
  const remark = remarks.filter((one) => one !== '').join(', ');
  return [
    run.run,
    status,
    workflow,
    formatCost(costUsd, costUnknown),
    formatDuration(durationMs),
    age,
    remark,
  ];
}

/** For the newest run that is not finished, and for a newer one whose result nobody has taken yet. */
function nextSteps(runs: readonly RunStanding[]): readonly string[] {
  const begun = runs.filter((run) => run.begun);
  const [newest] = begun;
  const open = begun.find(({ status }) => status !== 'pass');
  const passed = newest?.status === 'pass' && newest.changed && !newest.applied ? newest : null;
  return [
    ...(passed ? [`${passed.run} has passed; merge it with: gump apply ${passed.run}`] : []),
    ...(open ? [unfinished(open)] : []),
  ];
}

function unfinished({ run, status, waitsFor }: RunStanding): string {
  if (status === 'running') return `${run} is running; what it has done so far: gump report ${run}`;
  const resume = `gump run --resume --run ${run}`;
  if (status === 'paused')
    return `${run} asks a person about ${waitsFor.join(', ')}; say yes with: ${resume}`;
  const ending = status === 'fail' ? 'has failed' : 'has not finished';
  return `${run} ${ending}; go on with: ${resume}`;
}
