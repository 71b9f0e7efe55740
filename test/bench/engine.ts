/** The engine's own time per attempt beside that of the git commands that it ran. */
import { join } from 'node:path';
import { parseAgentScript } from '../../src/agents/script.ts';
import { createScriptedAgent } from '../../src/agents/scripted-adapter.ts';
import { childEnvironment } from '../../src/process/environment.ts';
import { type Figure, median } from './figure.ts';
import { fileOf, type Measured, runSplit, type SplitRun, tasksOf } from './split-run.ts';

const bundle = join(import.meta.dirname, '../../action/dist/index.js');

export async function engineFigures(): Promise<readonly Figure[]> {
  await runSplit({ tasks: 10 });
  const ten = await measure({ tasks: 10 });
  const hundred = await measure({ tasks: 100 });
  const scripted = await measure({ tasks: 10, adapter: scriptedAgent(10) });
  return [
    ...figuresOf('10 tasks', ten),
    ...figuresOf('100 tasks', hundred),
    ...figuresOf('10 tasks, scripted agent', scripted),
    processFigure('with a change', ten, 6),
    processFigure('without a change', await measure({ tasks: 10, writes: false }), 3),
  ];
}

export async function measure(options: SplitRun): Promise<Measured> {
  const measured = await runSplit(options);
  if (measured.status !== 'pass')
    throw new Error(`The measured run of ${options.tasks} tasks ended as ${measured.status}.`);
  return measured;
}

/** Agent time is what the agents' processes took; it is neither git's nor ours. */
function figuresOf(name: string, { wallMs, gitMs, agentMs, attempts }: Measured): readonly Figure[] {
  const git = { name: 'its git commands', value: gitMs / attempts };
  const note = agentMs > 0 ? `the agent itself ${(agentMs / attempts).toFixed(0)} ms` : '';
  return [
    {
      name: `engine per attempt, ${name}`,
      value: (wallMs - gitMs - agentMs) / attempts,
      unit: 'ms',
      baseline: git,
      note,
    },
  ];
}

function processFigure(name: string, { gitPerAttempt }: Measured, allowed: number): Figure {
  const baseline = { name: 'allowed', value: allowed };
  return { name: `git processes per attempt ${name}`, value: median(gitPerAttempt), unit: 'count', baseline };
}

/** The agent that ships, from the bundle that ships: a real process per attempt. */
export function scriptedAgent(tasks: number, sleepMs = 0) {
  const rules = [
    { step: 'split', tasks: tasksOf(tasks) },
    ...tasksOf(tasks).map(({ name }, index) => ({
      step: `split/${name}/work`,
      turns: [{ sleep_ms: sleepMs, write: { [fileOf(index + 1)]: 'changed\n' } }],
    })),
  ];
  const parsed = parseAgentScript({ file: 'bench.yaml', text: JSON.stringify({ rules }) });
  if (!parsed.script) throw new Error(JSON.stringify(parsed.diagnostics));
  const self = [process.execPath, bundle, 'scripted-agent'];
  return createScriptedAgent({ script: parsed.script, self, env: childEnvironment() });
}
