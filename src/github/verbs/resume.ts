/** `/gump resume`: goes on with the latest run. */
import { latestRun } from '../latest-run.ts';
import { type Obey, reply, start } from './work.ts';

export const resume: Obey = async (work) => {
  const runId = await latestRun(work.client, work.issue);
  if (!runId) {
    return await reply(
      work,
      'Nothing was started: no run of this issue has a ledger yet. `/gump run` starts one.',
    );
  }
  const { options } = work.intent.command;
  return await start(work, { command: 'resume', runId, workflow: null, spec: null, options });
};
