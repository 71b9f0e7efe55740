/** `/gump resume`: goes on with the latest run. */
import { withLatest } from './latest.ts';
import { type Obey, start } from './work.ts';

export const resume: Obey = async (work) =>
  await withLatest(work, 'Nothing was started', (runId) => {
    const { options } = work.intent.command;
    const told = { by: work.intent.actor.login };
    return start(work, { command: 'resume', runId, workflow: null, spec: null, options, told });
  });
