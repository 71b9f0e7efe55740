/** The honest answer to a verb that a later version carries out. */
import { laterReply } from '../replies.ts';
import { type Obey, reply } from './work.ts';

export const later: Obey = (work) => reply(work, laterReply(work.intent.command.verb ?? 'help'));
