/** Ten tasks side by side whose agents sleep: what the run takes beside one agent's sleep, git's own time left out. */
import { measure, scriptedAgent } from './engine.ts';
import { type Figure, median } from './figure.ts';
import type { Measured } from './split-run.ts';

const tasks = 10;
const sleepMs = 2_000;
const rounds = 3;
/** See counts.test.ts. */
const gitPerTaskMax = 10;

export async function sideBySideFigures(): Promise<readonly Figure[]> {
  const runs: Measured[] = [];
  for (let round = 0; round < rounds; round++) {
    runs.push(await measure({ tasks, parallel: true, adapter: scriptedAgent(tasks, sleepMs) }));
  }
  const git = median(runs.map(({ gitMs }) => gitMs));
  const inTurn = median(runs.map(({ agentMs }) => agentMs));
  return [
    {
      name: `${tasks} parallel tasks, agents sleep ${sleepMs / 1_000} s, beyond git`,
      value: median(runs.map(({ wallMs, gitMs }) => wallMs - gitMs)),
      unit: 'ms',
      baseline: { name: 'one sleep', value: sleepMs },
      note: `goal 3000 ms; git ${git.toFixed(0)} ms, the agents one after another ${inTurn.toFixed(0)} ms`,
    },
    {
      name: 'git processes per parallel task',
      value: median(runs.map(({ gitCommands }) => gitCommands)) / tasks,
      unit: 'count',
      baseline: { name: 'allowed', value: gitPerTaskMax },
      note: "the split's own commands among them",
    },
  ];
}
