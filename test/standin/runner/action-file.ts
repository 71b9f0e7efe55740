import { readFile } from 'node:fs/promises';
import { asText, evaluate, type Scope } from './expression.ts';
import type { GithubPackages } from './github-packages.ts';

/** An action as its action.yml describes it. */
export interface ActionFile {
  readonly name: string;
  /** For example `node24`. */
  readonly using: string;
  readonly main: string;
  readonly pre: string | undefined;
  readonly post: string | undefined;
  readonly inputNames: readonly string[];
  /** The environment variables of the inputs, and one warning per thing that is wrong with them. */
  inputs(given: Readonly<Record<string, string>>, scope: Scope): ActionInputs;
}

export interface ActionInputs {
  readonly variables: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/**
 * Reads action.yml with GitHub's parser.
 *
 * @throws with every problem when the file does not fit GitHub's schema or is not for Node
 */
export async function readActionFile(packages: GithubPackages, path: string): Promise<ActionFile> {
  const { parser, actions } = packages;
  const content = await readFile(path, 'utf8');
  const parsed = actions.parseAction({ name: path, content }, new parser.NoOperationTraceWriter());
  const problems = parsed.context.errors.getErrors().map((error) => error.message);
  if (parsed.value === undefined || problems.length > 0) {
    throw new Error(`${path} is not a valid action: ${problems.join('; ') || 'it is empty'}`);
  }
  const root = parsed.value.assertMapping('action');
  const nothing = { contexts: {}, standing: 'success' } as const;
  const runs = root.find('runs')?.assertMapping('runs');
  const text = (key: string): string => asText(evaluate(packages, runs?.find(key), nothing));
  if (!text('using').startsWith('node')) throw new Error(`${path} runs by "${text('using')}", not by Node.`);
  const declared = [...(root.find('inputs')?.assertMapping('inputs') ?? [])].map(({ key, value }) => ({
    name: asText(evaluate(packages, key, nothing)),
    definition: value.assertMapping('input'),
  }));
  const inputNames = declared.map((input) => input.name);
  return {
    name: asText(evaluate(packages, root.find('name'), nothing)),
    using: text('using'),
    main: text('main'),
    pre: text('pre') || undefined,
    post: text('post') || undefined,
    inputNames,
    inputs(given, scope) {
      const variables: Record<string, string> = {};
      for (const { name, definition } of declared) {
        variables[inputVariable(name)] = asText(evaluate(packages, definition.find('default'), scope));
      }
      for (const [name, value] of Object.entries(given)) variables[inputVariable(name)] = value;
      return { variables, warnings: warningsOf(given, inputNames) };
    },
  };
}

/** @source actions/runner, HandlerFactory: spaces become `_`, letters upper case, dashes stay (2026-11) */
function inputVariable(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
}

function warningsOf(given: Readonly<Record<string, string>>, known: readonly string[]): readonly string[] {
  const names = new Set(known.map((name) => name.toLowerCase()));
  const unknown = Object.keys(given).filter((name) => !names.has(name.toLowerCase()));
  if (unknown.length === 0) return [];
  const quoted = (list: readonly string[]): string => list.map((name) => `'${name}'`).join(', ');
  return [`Unexpected input(s) ${quoted(unknown)}, valid inputs are [${quoted(known)}]`];
}
