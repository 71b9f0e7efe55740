/** The JSON schema of each type of value. It may take more than the reader of that type, never less. */
import { limits } from '../src/limits.ts';
import type { FieldType } from '../src/workflow/fields.ts';
import { forms } from '../src/workflow/forms.ts';

export interface SchemaObject {
  readonly [keyword: string]: unknown;
}

export const ref = (definition: string): SchemaObject => ({ $ref: `#/definitions/${definition}` });

/** JSON Schema's `if`, `then` and `else`. */
export function when(condition: SchemaObject, yes: SchemaObject, no?: SchemaObject): SchemaObject {
  return Object.fromEntries([['if', condition], ['then', yes], ...(no ? [['else', no]] : [])]);
}

const isObject = { type: 'object' };

/** Numbers and booleans count as the text that they are written as. */
const scalars = { type: ['string', 'number', 'boolean'] };

/** `{name}`, bare: YAML sees a mapping with one key and no value. */
const placeholder = {
  title: 'a bare placeholder',
  type: 'object',
  propertyNames: { pattern: '^(?=.*[A-Za-z_])[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)*$' },
  additionalProperties: { type: 'null' },
  minProperties: 1,
  maxProperties: 1,
};

function orPlaceholder(schema: SchemaObject): SchemaObject {
  return when(isObject, ref('placeholder'), schema);
}

const name = { maxLength: limits.nameCharactersMax, pattern: forms.name.pattern };

/** Definitions that others refer to. */
export const valueDefinitions = {
  placeholder,
  text: orPlaceholder({ ...scalars, pattern: '\\S' }),
  input: orPlaceholder(scalars),
  inputs: { type: 'object', propertyNames: name, additionalProperties: ref('input') },
} as const;

const leavesItsFolder = '[/~]|[A-Za-z]:|(?:[\\s\\S]*/)?\\.\\.(?:/|$)';
const inPath = '[^\\\\{}\\u0000-\\u001f]*';
const path = {
  ...scalars,
  maxLength: limits.pathCharactersMax,
  pattern: `^(?!${leavesItsFolder})${inPath}\\S${inPath}$`,
};

/** More than nothing, as a number or in quotes. */
const amount = { type: ['number', 'string'], exclusiveMinimum: 0, pattern: '^(?=.*[1-9])\\d+(?:\\.\\d+)?$' };
const count = { ...amount, type: ['integer', 'string'], maximum: Number.MAX_SAFE_INTEGER };

const prompt = when(isObject, { anyOf: [ref('promptFile'), ref('placeholder')] }, ref('text'));
const session = when(isObject, ref('session'), { enum: ['new'] });

export const valueSchemas: { readonly [T in FieldType]: SchemaObject } = {
  title: orPlaceholder({ ...scalars, pattern: `^\\s*\\S(?:.{0,${limits.titleCharactersMax - 2}}\\S)?\\s*$` }),
  name: { type: ['string', 'integer', 'boolean'], minimum: 0, ...name },
  gate: { type: 'string', pattern: forms.gate.pattern },
  kind: { enum: forms.kind.oneOf },
  text: ref('text'),
  usd: amount,
  count,
  duration: { type: 'string', pattern: `^(?=.*[1-9])${forms.duration.pattern.slice(1)}` },
  boolean: { type: 'boolean' },
  percent: { ...amount, maximum: 100 },
  path,
  worktree: { enum: forms.worktree.oneOf },
  hitl: { enum: [...forms.hitl.oneOf, true, false] },
  reset: { enum: forms.reset.oneOf },
  fresh: { enum: forms.fresh.oneOf },
  none: { enum: [null, true] },
  ignored: {},
  prompt,
  context: { type: 'array', items: ref('context') },
  session,
  guard: ref('guard'),
  gates: { type: 'array', minItems: 1, items: ref('gate') },
  retry: { type: 'array', items: ref('retry'), contains: { required: ['exit'] } },
  steps: { type: 'array', minItems: 1, items: ref('step') },
  inputs: ref('inputs'),
  block: {},
};
