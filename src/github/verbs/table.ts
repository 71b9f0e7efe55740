/** What carries each verb out: one file a verb. What it is called and takes stands in `grammar.ts`. */
import type { Verb } from '../commands/grammar.ts';
import { approve, reject } from './answer.ts';
import { budget } from './budget.ts';
import { fix } from './fix.ts';
import { help } from './help.ts';
import { plan } from './plan.ts';
import { replay } from './replay.ts';
import { report } from './report.ts';
import { resume } from './resume.ts';
import { run } from './run.ts';
import { spec } from './spec.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import type { Obey } from './work.ts';

export const obeys: Readonly<Record<Verb, Obey>> = {
  run,
  plan,
  status,
  stop,
  resume,
  replay,
  approve,
  reject,
  fix,
  budget,
  spec,
  report,
  help,
};
