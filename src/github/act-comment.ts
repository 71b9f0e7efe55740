/** The comment of ours that stands for a tick or a press: whoever finds it can carry it out. Pure. */
import { type Verb, verbs } from './commands/grammar.ts';
import type { Actor } from './payload.ts';

export interface ActFacts {
  readonly actor: Actor;
  readonly verb: Verb;
  /** ISO 8601, UTC, whole seconds; null for the press of a button. */
  readonly tickedAt: string | null;
  /** The event of a press, where the host was told; else what the check said of its times. */
  readonly delivery: string | null;
}

/** Its first line. */
export function actMarker(key: string): string {
  return `<!-- gump:act ${key} -->`;
}

/** The rest of it. */
export function actBody({
  kind,
  actor,
  verb,
}: {
  readonly kind: 'tick' | 'press';
  readonly actor: Actor;
  readonly verb: Verb;
}): string {
  const how = kind === 'tick' ? 'ticked a box' : 'pressed a button';
  return `\`${actor.login}\` ${how}: \`/gump ${verb}\`\n<!-- gump:by ${actor.id} -->`;
}

/** What the whole comment says; null where it is none. It proves nothing unless it is ours. */
export function readAct(body: string): ActFacts | null {
  const [head = '', said = '', by = ''] = body.split(/\r?\n/);
  const [, told = '', name] = /^<!-- gump:act \d+ (\S+) ([a-z]+) -->$/.exec(head) ?? [];
  const login = /^`([^`]+)` (?:ticked|pressed) /.exec(said)?.[1];
  const id = Number(/^<!-- gump:by (\d+) -->$/.exec(by)?.[1]);
  const verb = verbs.find((one) => one === name);
  if (!verb || !login || !id) return null;
  const tickedAt = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(told) ? told : null;
  return {
    actor: { login, id, appId: null, isBot: false },
    verb,
    tickedAt,
    delivery: tickedAt ? null : told,
  };
}
