/** Buttons of the check `gump`, where an App made it: each stands for a command. Pure. */

import type { Conclusion } from '../outgoing/gates.ts';
import type { Verb } from './grammar.ts';

/** @source GitHub REST, "Create a check run": label and identifier at most 20 characters, description 40 (2026-11) */
export interface Button {
  readonly label: string;
  readonly description: string;
  readonly identifier: string;
}

/** What the press of a button says. */
export interface PressFacts {
  /** Of the issue. */
  readonly number: number;
  readonly defaultBranch: string;
  /** As it stood when the button was pressed. */
  readonly check: CheckFacts;
}

export interface CheckFacts {
  readonly id: number;
  /** Both null while it is under way. */
  readonly conclusion: string | null;
  readonly completedAt: string | null;
}

/** Of a check run as GitHub describes it. */
export function checkFacts(check: Readonly<Record<string, unknown>>): CheckFacts {
  const said = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    id: Number(check.id),
    conclusion: said(check.conclusion),
    completedAt: said(check.completed_at),
  };
}

const buttons = {
  stop: { label: 'Stop', description: 'Stops the run under way', identifier: 'gump-stop' },
  resume: { label: 'Retry', description: 'Goes on where the run stopped', identifier: 'gump-resume' },
  approve: { label: 'Approve', description: 'Says yes to what the run asks', identifier: 'gump-approve' },
} as const satisfies Partial<Record<Verb, Button>>;

/** What can be done with a run that stands so; null: it is under way. */
export function buttonsFor(conclusion: Conclusion | null): readonly Button[] {
  if (conclusion === null) return [buttons.stop];
  if (conclusion === 'success') return [];
  return [conclusion === 'action_required' ? buttons.approve : buttons.resume];
}

/** Null for a button that is none of ours. */
export function verbOfButton(identifier: string): Verb | null {
  const found = Object.entries(buttons).find(([, button]) => button.identifier === identifier);
  return (found?.[0] as keyof typeof buttons | undefined) ?? null;
}
