import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly schema: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, { readonly schema?: Readonly<Record<string, unknown>> }>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

export interface Problem {
  readonly where: 'path' | 'query' | 'body' | 'answer';
  /** The first part of the place, for example `head_sha`; empty for the whole. */
  readonly field: string;
  readonly what: string;
  /** GitHub answers although this breaks the description (an unknown name is ignored there). */
  readonly harmless: boolean;
}

export interface OpenApi {
  /** Paths as in the description, for the router. */
  readonly operations: readonly { readonly method: string; readonly path: string }[];
  /** Query and path values turned into the types that the description gives them. */
  readonly checkRequest: (call: RequestToCheck) => { values: Record<string, unknown>; problems: Problem[] };
  readonly checkAnswer: (answer: AnswerToCheck) => Problem[];
}

export interface RequestToCheck {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export interface AnswerToCheck {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

/** Reads GitHub's trimmed description; validators are compiled when first needed and then kept. */
export function loadOpenApi(): OpenApi {
  const file = new URL('./schema/github-openapi.json', import.meta.url);
  const description = JSON.parse(readFileSync(file, 'utf8')) as Description;
  const strict = validatorMaker(description, false);
  const coercing = validatorMaker(description, true);
  const find = (method: string, path: string): Operation | undefined =>
    description.paths[path]?.[method.toLowerCase()];
  return {
    operations: Object.entries(description.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => ({ method: method.toUpperCase(), path })),
    ),
    checkRequest: (call) => {
      const operation = find(call.method, call.path);
      if (!operation) return { values: {}, problems: [] };
      const values = { ...Object.fromEntries(call.query), ...call.params };
      const paramProblems = parameterProblems(
        coercing,
        `${call.method} ${call.path}`,
        operation,
        values,
        call,
      );
      return { values, problems: [...paramProblems, ...bodyProblems(strict, operation, call)] };
    },
    checkAnswer: ({ method, path, status, body }) => {
      const operation = find(method, path);
      if (!operation || status === 401 || status === 429 || status >= 500) return [];
      const answer = operation.responses[String(status)] ?? null;
      if (!answer) return isCommonStatus(status) ? [] : [problem('answer', '', `has no status ${status}`)];
      if (!answer.schema || Object.keys(answer.schema).length === 0 || body === undefined) return [];
      const validate = strict(`${method} ${path} ${status}`, answer.schema);
      return validate(body) ? [] : errorsOf(validate, 'answer');
    },
  };
}

/** Statuses that any operation may give without its description saying so. */
function isCommonStatus(status: number): boolean {
  return [304, 400, 403, 404, 422].includes(status);
}

type ValidatorMaker = (name: string, schema: Readonly<Record<string, unknown>>) => ValidateFunction;

function validatorMaker(description: Description, coerceTypes: boolean): ValidatorMaker {
  const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes, validateFormats: true });
  // The CommonJS default export is the function itself or holds it, depending on who loads it.
  const addFormats = (formats as unknown as { default?: typeof formats.default }).default ?? formats;
  (addFormats as unknown as (target: Ajv) => void)(ajv);
  for (const name of ['repo.nwo', 'timestamp', 'ssh-url']) ajv.addFormat(name, true);
  ajv.addSchema({ $id: 'github', components: description.components });
  const kept = new Map<string, ValidateFunction>();
  return (name, schema) => {
    const found = kept.get(name);
    if (found) return found;
    const made = ajv.compile(withAbsoluteReferences(schema) as Record<string, unknown>);
    kept.set(name, made);
    return made;
  };
}

function withAbsoluteReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withAbsoluteReferences);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) =>
      key === '$ref' && typeof entry === 'string'
        ? [key, `github${entry}`]
        : [key, withAbsoluteReferences(entry)],
    ),
  );
}

function parameterProblems(
  make: ValidatorMaker,
  name: string,
  operation: Operation,
  values: Record<string, unknown>,
  call: RequestToCheck,
): Problem[] {
  const used = operation.parameters.filter((parameter) => parameter.in !== 'header');
  const validate = make(`${name} parameters`, {
    type: 'object',
    properties: Object.fromEntries(used.map((parameter) => [parameter.name, parameter.schema])),
    required: used.filter((parameter) => parameter.required).map((parameter) => parameter.name),
  });
  const unknown = [...call.query.keys()]
    .filter((key) => !used.some((parameter) => parameter.in === 'query' && parameter.name === key))
    .map((key) => ({ ...problem('query', key, 'is not a parameter of this operation'), harmless: true }));
  if (validate(values)) return unknown;
  return [
    ...unknown,
    ...errorsOf(validate, 'query').map((entry) =>
      call.params[entry.field] === undefined ? entry : { ...entry, where: 'path' as const },
    ),
  ];
}

function bodyProblems(make: ValidatorMaker, operation: Operation, call: RequestToCheck): Problem[] {
  if (!operation.requestBody) {
    const empty = call.body === undefined || Object.keys(call.body as object).length === 0;
    return empty
      ? []
      : [{ ...problem('body', '', 'is sent although this operation takes none'), harmless: true }];
  }
  if (call.body === undefined && !operation.requestBody.required) return [];
  const { schema } = operation.requestBody;
  const body = call.body ?? {};
  const validate = make(`${call.method} ${call.path} body`, schema);
  const wrong = validate(body) ? [] : errorsOf(validate, 'body');
  return [...wrong, ...unknownFields(schema, body)];
}

function unknownFields(schema: Readonly<Record<string, unknown>>, body: unknown): Problem[] {
  const known = schema.properties as Record<string, unknown> | undefined;
  if (!known || schema.oneOf || schema.anyOf || body === null || typeof body !== 'object') return [];
  return Object.keys(body)
    .filter((key) => !(key in known))
    .map((key) => ({ ...problem('body', key, 'is not a field of this operation'), harmless: true }));
}

function errorsOf(validate: ValidateFunction, where: Problem['where']): Problem[] {
  return (validate.errors ?? []).slice(0, 5).map((error) => {
    const missing = typeof error.params.missingProperty === 'string' ? error.params.missingProperty : '';
    const place = error.instancePath.slice(1);
    const field = place.split('/')[0] ?? '';
    const allowed = Array.isArray(error.params.allowedValues)
      ? ` (${error.params.allowedValues.join(', ')})`
      : '';
    return {
      ...problem(where, field || missing, `${place ? `${place} ` : ''}${error.message ?? ''}${allowed}`),
    };
  });
}

function problem(where: Problem['where'], field: string, what: string): Problem {
  return { where, field, what, harmless: false };
}
