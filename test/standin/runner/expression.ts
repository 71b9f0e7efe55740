import type { data as expressionData } from '@actions/expressions';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import type { GithubPackages } from './github-packages.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** How the job stands while a condition is asked; when `skipped`, neither `success()` nor `failure()` holds. */
export type JobStanding = 'success' | 'failure' | 'cancelled' | 'skipped';

/** What an expression sees: its contexts (`github`, `inputs`, `secrets`, …) and the job's standing. */
export interface Scope {
  readonly contexts: Readonly<Record<string, Json>>;
  readonly standing: JobStanding;
}

type ExpressionData = expressionData.ExpressionData;

const contextNames = [
  'github',
  'inputs',
  'env',
  'vars',
  'secrets',
  'needs',
  'strategy',
  'matrix',
  'job',
  'runner',
  'steps',
];

/**
 * The plain value of a token of a workflow or action file, every expression in it evaluated.
 * A missing token gives null.
 *
 * @throws when an expression does not parse or names a function that GitHub does not have
 */
export function evaluate(packages: GithubPackages, token: TemplateToken | undefined, scope: Scope): Json {
  const { isMapping, isSequence, isBasicExpression, isString, isNumber, isBoolean } = packages.parser;
  if (token === undefined) return null;
  if (isBasicExpression(token)) return evaluateText(packages, token.expression, scope);
  if (isSequence(token)) return [...token].map((item) => evaluate(packages, item, scope));
  if (isMapping(token)) {
    const pairs = [...token].map(({ key, value }) => [
      asText(evaluate(packages, key, scope)),
      evaluate(packages, value, scope),
    ]);
    return Object.fromEntries(pairs) as Json;
  }
  if (isString(token) || isNumber(token) || isBoolean(token)) return token.value;
  return null;
}

/** The plain value of one expression, written without `${{ }}`. */
export function evaluateText(packages: GithubPackages, expression: string, scope: Scope): Json {
  const { Lexer, Parser, Evaluator, data } = packages.expressions;
  const functions = statusFunctions(packages, scope.standing);
  const parsed = new Parser(new Lexer(expression).lex().tokens, contextNames, [
    ...functions.values(),
  ]).parse();
  const contexts = new data.Dictionary(
    ...contextNames.map((key) => ({ key, value: toData(packages, scope.contexts[key] ?? {}) })),
  );
  return fromData(packages, new Evaluator(parsed, contexts, functions).evaluate());
}

/** What a condition says, by GitHub's rule of truth: null, false, 0 and the empty string are false. */
export function isTruthy(value: Json): boolean {
  return value !== null && value !== false && value !== 0 && value !== '' && !Number.isNaN(value);
}

/** A scalar as GitHub writes it into an environment variable or an input. */
export function asText(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** A mapping of scalars as text; anything else gives an empty one. */
export function asTexts(value: Json): Record<string, string> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asText(item)]));
}

function statusFunctions(packages: GithubPackages, standing: JobStanding): ReadonlyMapOfFunctions {
  const { data } = packages.expressions;
  const named = (name: string, holds: boolean): [string, FunctionDefinition] => [
    name,
    { name, minArgs: 0, maxArgs: 0, call: () => new data.BooleanData(holds) },
  ];
  return new Map([
    named('success', standing === 'success'),
    named('failure', standing === 'failure'),
    named('cancelled', standing === 'cancelled'),
    named('always', true),
  ]);
}

type ReadonlyMapOfFunctions = Map<string, FunctionDefinition>;

function toData(packages: GithubPackages, value: Json | undefined): ExpressionData {
  const { data } = packages.expressions;
  if (value === null || value === undefined) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (isList(value)) return new data.Array(...value.map((item) => toData(packages, item)));
  const pairs = Object.entries(value).map(([key, item]) => ({ key, value: toData(packages, item) }));
  return new data.Dictionary(...pairs);
}

function fromData(packages: GithubPackages, value: ExpressionData): Json {
  const { data } = packages.expressions;
  if (value instanceof data.Array) return value.values().map((item) => fromData(packages, item));
  if (value instanceof data.Dictionary) {
    return Object.fromEntries(value.pairs().map((pair) => [pair.key, fromData(packages, pair.value)]));
  }
  if (value instanceof data.Null) return null;
  return value.value;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
