/** `/gump report`: the report of the latest run, as the job's summary shows it. */
import { renderMarkdown } from '../../report/markdown.ts';
import { summarize } from '../../report/summarize.ts';
import { withRecord } from './latest.ts';
import { type Obey, reply } from './work.ts';

export const report: Obey = async (work) =>
  await withRecord(work, 'There is no report', async (record) => {
    const plan = work.config.planOf(record);
    return await reply(work, renderMarkdown(summarize(plan, record.events)));
  });
