/** `/gump spec`: makes the spec again from the issue. */
import { proposeSpec } from '../issue-spec/propose.ts';
import type { Obey } from './work.ts';

export const spec: Obey = async (work) => {
  const { client, config, permissions, selfId, issue } = work;
  const comments = await work.comments();
  await proposeSpec({ client, issue, config, permissions, comments, force: true, selfId });
  return { done: 'proposed', detail: `the spec of #${issue.number} was made again` };
};
