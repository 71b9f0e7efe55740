/** `/gump replay <step>`: a new run from the state before a step of the latest one, on a branch of its own. */
import { jobsOf } from '../runs/jobs.ts';
import { withRecord } from './latest.ts';
import { type Obey, reply, runIdOf, start } from './work.ts';

export const replay: Obey = async (work) =>
  await withRecord(work, 'Nothing was replayed', async (record) => {
    const { owner, repo, number } = work.issue;
    const { command, actor } = work.intent;
    const jobs = await jobsOf(work.client, { owner, repo, issue: number });
    if (jobs.some((job) => job.runId === record.run && !job.isOver))
      return await reply(work, `Nothing was replayed: the run \`${record.run}\` is at work.`);
    const step = command.argument.split(' ').find((word) => !word.includes('=')) ?? '';
    const problem = work.config.replayProblem(record, step);
    if (problem) return await reply(work, `Nothing was started.\n\n${problem}`);
    return await start(work, {
      ...{ command: 'replay', runId: `${runIdOf(work)}-replay`, workflow: null, spec: null },
      options: command.options,
      told: { of: record.run, step, by: actor.login },
    });
  });
