import { Refusal } from '../refusal.ts';
import type { Json } from './expression.ts';
import type { DispatchInput } from './workflow-file.ts';

/** The inputs of a dispatch: `payload` is text only (event file), `context` has booleans and numbers. */
export interface DispatchValues {
  readonly payload: Readonly<Record<string, string>>;
  readonly context: Readonly<Record<string, Json>>;
}

/**
 * Holds the sent inputs to those that the workflow declares, and fills in the defaults.
 *
 * @throws Refusal (422) for an unknown, a missing or a not allowed input, in GitHub's words
 * @source https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event (2026-11)
 */
export function dispatchValues(
  declared: readonly DispatchInput[],
  sent: Readonly<Record<string, unknown>>,
): DispatchValues {
  const unknown = Object.keys(sent).filter((name) => !declared.some((input) => input.name === name));
  if (unknown.length > 0) {
    throw new Refusal(422, `Unexpected inputs provided: ${JSON.stringify(unknown)}`);
  }
  const pairs = declared.map((input) => [input, valueFor(input, sent[input.name])] as const);
  return {
    payload: Object.fromEntries(pairs.map(([input, value]) => [input.name, value])),
    context: Object.fromEntries(pairs.map(([input, value]) => [input.name, typed(input, value)])),
  };
}

function valueFor(input: DispatchInput, sent: unknown): string {
  const value =
    sent === undefined || sent === null || sent === '' ? String(input.default ?? '') : String(sent);
  if (value === '' && input.required) {
    throw new Refusal(422, `Required input '${input.name}' not provided`);
  }
  if (input.type === 'choice' && value !== '' && !input.options.includes(value)) {
    throw new Refusal(
      422,
      `Provided value '${value}' for input '${input.name}' not in the list of allowed values`,
    );
  }
  if (input.type === 'boolean' && value !== '' && value !== 'true' && value !== 'false') {
    throw new Refusal(422, `Provided value '${value}' for input '${input.name}' is not a boolean`);
  }
  if (input.type === 'number' && value !== '' && Number.isNaN(Number(value))) {
    throw new Refusal(422, `Provided value '${value}' for input '${input.name}' is not a number`);
  }
  // A boolean that nobody set is false on GitHub, not empty.
  return value === '' && input.type === 'boolean' ? 'false' : value;
}

function typed(input: DispatchInput, value: string): Json {
  if (input.type === 'boolean') return value === 'true';
  if (input.type === 'number' && value !== '') return Number(value);
  return value;
}
