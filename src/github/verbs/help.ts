/** `/gump help`. */
import { helpReply } from '../commands/replies.ts';
import { type Obey, reply } from './work.ts';

export const help: Obey = (work) => reply(work, helpReply());
