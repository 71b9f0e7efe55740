/** `/gump status`: where the latest run stands. */
import { statusFacts } from '../latest-run.ts';
import { statusReply } from '../replies.ts';
import { type Obey, reply } from './work.ts';

export const status: Obey = async (work) =>
  await reply(work, statusReply(await statusFacts(work.client, work.issue)));
