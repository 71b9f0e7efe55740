import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

type WorkflowParser = typeof import('@actions/workflow-parser');
type ActionParser = typeof import('@actions/workflow-parser/actions/action-parser');
type Expressions = typeof import('@actions/expressions');

/** GitHub's own packages for workflow files, action files and `${{ }}` expressions. */
export interface GithubPackages {
  readonly parser: WorkflowParser;
  readonly actions: ActionParser;
  readonly expressions: Expressions;
}

let loaded: Promise<GithubPackages> | undefined;

/**
 * Loads GitHub's packages once.
 *
 * @throws when they are not installed
 * @source @actions/workflow-parser 0.3.61 imports its schema as JSON without an import attribute (2026-11)
 */
export function loadGithubPackages(): Promise<GithubPackages> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<GithubPackages> {
  serveSchemasAsModules();
  const [parser, actions, expressions] = await Promise.all([
    import('@actions/workflow-parser'),
    import('@actions/workflow-parser/actions/action-parser'),
    import('@actions/expressions'),
  ]);
  return { parser, actions, expressions };
}

function serveSchemasAsModules(): void {
  registerHooks({
    load(url, context, nextLoad) {
      const path = url.split('?')[0] ?? url;
      const isSchema = path.includes('/@actions/workflow-parser/') && path.endsWith('.json');
      if (!isSchema) return nextLoad(url, context);
      const source = `export default ${readFileSync(new URL(path), 'utf8')}`;
      return { format: 'module', source, shortCircuit: true };
    },
  });
}
