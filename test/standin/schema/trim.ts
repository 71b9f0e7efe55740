/**
 * Makes `github-openapi.json` from GitHub's own OpenAPI description.
 *
 *   npm install --prefix /tmp/openapi @octokit/openapi
 *   node test/standin/schema/trim.ts /tmp/openapi/node_modules/@octokit/openapi/generated/api.github.com.json
 *
 * Kept: the operations listed in `operations.ts` with their parameters, request bodies and answers.
 * Dropped: examples, prose, vendor extensions, operations nobody uses. OpenAPI's `nullable` becomes
 * JSON Schema's `null` type, so that ajv needs no dialect. What the description has wrong is in `NULLABLE`.
 *
 * @source https://www.npmjs.com/package/@octokit/openapi (385 MB installed, hence never a dependency; 2026-11)
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OPERATIONS } from './operations.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const PROSE = new Set([
  'description',
  'summary',
  'example',
  'examples',
  'externalDocs',
  'tags',
  'operationId',
  'deprecated',
  'title',
  'default',
  'readOnly',
]);

/**
 * Where GitHub really answers null although its description says otherwise: an outdated comment has no line.
 * @source https://github.com/github/rest-api-description/issues/1901 and /5568, open (2026-11)
 */
const NULLABLE: readonly (readonly [schema: string, property: string])[] = [
  ['pull-request-review-comment', 'position'],
  ['pull-request-review-comment', 'line'],
  ['review-comment', 'line'],
];

/**
 * Lists whose description asks of one account that it is a user and an enterprise at once, which nothing is: their items
 * are what the description of the single thing says.
 * @source GitHub REST, "List installations for the authenticated app" beside "Get an installation …" (23.0.2, 2026-11)
 */
const LISTS: readonly (readonly [path: string, schema: string])[] = [['/app/installations', 'installation']];

function main(source: string | undefined): void {
  if (!source) {
    throw new Error('Nothing trimmed: name the file api.github.com.json of @octokit/openapi as the argument.');
  }
  const full = JSON.parse(readFileSync(source, 'utf8')) as JsonObject;
  const target = fileURLToPath(new URL('./github-openapi.json', import.meta.url));
  writeFileSync(target, `${JSON.stringify(trim(full))}\n`);
}

function trim(full: JsonObject): JsonObject {
  const paths: JsonObject = {};
  const allPaths = object(full.paths);
  for (const [method, path] of OPERATIONS) {
    const item = object(allPaths[path]);
    if (!item[method]) {
      throw new Error(`Nothing trimmed: GitHub's description has no ${method.toUpperCase()} ${path}.`);
    }
    const kept = object(paths[path] ?? {});
    kept[method] = operation(full, object(item[method]), array(item.parameters));
    paths[path] = kept;
  }
  for (const [path, name] of LISTS) {
    const answer = object(object(object(object(paths[path]).get).responses)['200']);
    answer.schema = { type: 'array', items: { $ref: `#/components/schemas/${name}` } };
  }
  const components = reachable(full, paths);
  return { openapi: full.openapi ?? '', info: { version: object(full.info).version ?? '' }, paths, components };
}

function operation(full: JsonObject, source: JsonObject, shared: Json[]): JsonObject {
  const parameters = [...shared, ...array(source.parameters)].map((entry) => {
    const { name, in: where, required, schema } = object(resolve(full, entry));
    return { name: name ?? '', in: where ?? '', required: required ?? false, schema: clean(schema ?? {}, false) };
  });
  const kept: JsonObject = { parameters, responses: {} };
  if (source.requestBody) {
    const body = object(resolve(full, source.requestBody));
    kept.requestBody = { required: body.required ?? false, schema: clean(mediaSchema(body), false) };
  }
  for (const [status, entry] of Object.entries(object(source.responses))) {
    const answer = object(resolve(full, entry));
    object(kept.responses)[status] = answer.content ? { schema: clean(mediaSchema(answer), false) } : {};
  }
  return kept;
}

function mediaSchema(holder: JsonObject): Json {
  const content = object(holder.content ?? {});
  const type = ['application/json', 'application/scim+json'].find((name) => content[name]);
  return type ? (object(content[type]).schema ?? {}) : {};
}

/** Drops prose from a schema; `named` is true where the keys are names of properties and not keywords. */
function clean(value: Json, named: boolean): Json {
  if (Array.isArray(value)) return value.map((item) => clean(item, false));
  if (value === null || typeof value !== 'object') return value;
  const result: JsonObject = {};
  for (const [key, entry] of Object.entries(value)) {
    if (!named && (PROSE.has(key) || key.startsWith('x-'))) continue;
    if (!named && key === 'enum') result[key] = entry;
    else result[key] = clean(entry, !named && key === 'properties');
  }
  return named ? result : withNull(result);
}

function withNull(schema: JsonObject): JsonObject {
  const { nullable, ...rest } = schema;
  if (nullable !== true) return rest;
  if (typeof rest.type !== 'string') return { anyOf: [rest, { type: 'null' }] };
  const values = rest.enum ? { enum: [...new Set([...array(rest.enum), null])] } : {};
  return { ...rest, type: [rest.type, 'null'], ...values };
}

/** All components that the kept operations reach, cleaned as well. */
function reachable(full: JsonObject, paths: JsonObject): JsonObject {
  const schemas: JsonObject = {};
  const waiting = references(paths);
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    const name = ref.replace('#/components/schemas/', '');
    if (schemas[name] !== undefined) continue;
    const schema = clean(resolve(full, { $ref: ref }), false);
    schemas[name] = schema;
    waiting.push(...references(schema));
  }
  for (const [name, property] of NULLABLE) {
    const properties = object(object(schemas[name]).properties);
    properties[property] = withNull({ ...object(properties[property]), nullable: true });
  }
  return { schemas };
}

function references(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (value === null || typeof value !== 'object') return [];
  const own = typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(references)];
}

function resolve(full: JsonObject, value: Json): Json {
  const ref = object(value).$ref;
  if (typeof ref !== 'string') return value;
  const found = ref
    .slice(2)
    .split('/')
    .reduce<Json>((at, key) => object(at)[key] ?? null, full);
  return resolve(full, found);
}

function object(value: Json | undefined): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Error(`Nothing trimmed: expected an object in GitHub's description, found ${JSON.stringify(value)}.`);
  }
  return value;
}

function array(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

main(process.argv[2]);
