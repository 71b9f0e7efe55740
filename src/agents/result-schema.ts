/** The JSON schemas of results, for CLIs that can be held to one, and what they answer. Pure. */
import type { StepKind } from '../workflow/workflow.ts';
import type { Told } from './cli.ts';
import { isObject } from './json.ts';

const text = { type: 'string' };
const line = { type: ['integer', 'null'] };

/** OpenAI's strict mode wants every property required and nothing else allowed; what may be missing is null. */
function object(properties: Readonly<Record<string, object>>): object {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

const finding = object({
  path: text,
  line,
  end_line: line,
  severity: { type: ['string', 'null'] },
  body: text,
});

const schemas: Readonly<Partial<Record<StepKind, object>>> = {
  // The root of a schema has to be an object: the list is wrapped, and unwrapped again.
  split: object({
    tasks: {
      type: 'array',
      items: object({ name: text, description: text, files: { type: ['array', 'null'], items: text } }),
    },
  }),
  validate: object({
    pass: { type: 'boolean' },
    comments: text,
    findings: { type: 'array', items: finding },
  }),
};

/** The schema's text; null for a step whose result is its diff. */
export function schemaFor(kind: StepKind): string | null {
  const schema = schemas[kind];
  return schema === undefined ? null : JSON.stringify(schema);
}

/** The structured result where there is one, else the last text; a wrapped list of tasks without its wrapping. */
export function resultOf(kind: StepKind, { structured, text: said }: Told): string {
  const output = structured ?? said;
  if (kind !== 'split') return output;
  try {
    const value: unknown = JSON.parse(output);
    return isObject(value) && Array.isArray(value.tasks) ? JSON.stringify(value.tasks) : output;
  } catch {
    return output;
  }
}
