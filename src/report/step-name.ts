/** Which step a person means: by its path as stored or as shown, or by the end of it where only one step has that. */
import { nearest } from '../diagnostic.ts';

export interface NamedStep {
  /** State path: `decompose/greeting/converge`. */
  readonly path: string;
  /** As the trace shows it: `build/task-1/converge`. */
  readonly shown: string;
}

export type StepFound =
  | { readonly kind: 'found'; readonly path: string; readonly shown: string }
  /** Several steps end so; as shown. */
  | { readonly kind: 'several'; readonly paths: readonly string[] }
  /** The nearest name; null where none is near. */
  | { readonly kind: 'unknown'; readonly near: string | null };

export function findStep(typed: string, steps: readonly NamedStep[]): StepFound {
  const name = typed.replace(/^\/+|\/+$/g, '');
  const exact = steps.find(({ path, shown }) => path === name || shown === name);
  if (exact) return found(exact);
  const ending = `/${name}`;
  const matches = steps.filter(({ path, shown }) => path.endsWith(ending) || shown.endsWith(ending));
  const [match] = matches;
  if (match && matches.length === 1) return found(match);
  if (match) return { kind: 'several', paths: matches.map(({ shown }) => shown) };
  const known = steps.flatMap(({ path, shown }) => [shown, path, path.slice(path.lastIndexOf('/') + 1)]);
  return { kind: 'unknown', near: nearest(name, [...new Set(known)]) };
}

function found({ path, shown }: NamedStep): StepFound {
  return { kind: 'found', path, shown };
}
