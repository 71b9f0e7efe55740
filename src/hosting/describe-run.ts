/** `/gump plan`: what a run would do and cost, as the dry run tells it, without a clone. */
import { formatDiagnostic } from '../diagnostic.ts';
import type { DescribeRun } from '../github/runs/describe-run.ts';
import { describePlan } from '../plan/describe.ts';
import { describeLines } from '../plan/describe-lines.ts';
import { readOnGithub } from './describe-workflow.ts';
import { commandsIn } from './gate-commands.ts';
import { preparePlan } from './prepare.ts';
import { priceOfPlan } from './price.ts';
import { runSettings } from './run-settings.ts';

export const describeRun: DescribeRun = async (wanted, { spec, base, tasks, maxBudgetUsd, project }) => {
  const found = await readOnGithub(wanted, project.read);
  if ('problem' in found) return found;
  const { config, files } = found;
  const asked = { agent: wanted.agent, maxBudgetUsd, maxParallel: null, pauseAfter: null };
  const settings = runSettings(asked, { layers: [], user: null }, config);
  const planned = preparePlan({ run: 'plan', files, spec, base, settings });
  if (!('value' in planned)) return { problem: planned.diagnostics.map(formatDiagnostic).join('\n') };
  const description = describePlan(planned.value, await commandsIn(planned.value, project, {}));
  const price = priceOfPlan(description, { tasks, agents: config.agents });
  return { lines: describeLines(description), price };
};
