import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import { asTexts, evaluate, type Scope } from './expression.ts';
import type { RunnerParts } from './session.ts';

/** Every permission that a workflow can give, as `permissions:` names it. */
const names = [
  'actions',
  'attestations',
  'checks',
  'contents',
  'deployments',
  'discussions',
  'issues',
  'packages',
  'pages',
  'pull-requests',
  'security-events',
  'statuses',
];

/**
 * What the job's token may do, with the names of GitHub's REST API (`pull_requests`). `metadata: read` is
 * always in it; what a `permissions:` block does not name is not.
 *
 * @source docs, "Workflow syntax", `permissions` (2026-11)
 */
export function jobPermissions(
  parts: RunnerParts,
  token: TemplateToken | undefined,
  scope: Scope,
): Record<string, 'read' | 'write'> {
  const value = evaluate(parts.packages, token, scope);
  const asked =
    token === undefined ? parts.defaultPermissions : typeof value === 'string' ? all(value) : asTexts(value);
  const granted: Record<string, 'read' | 'write'> = { metadata: 'read' };
  for (const [name, level] of Object.entries(asked)) {
    if (level === 'read' || level === 'write') granted[name.replaceAll('-', '_')] = level;
  }
  return granted;
}

function all(word: string): Record<string, string> {
  const level = word === 'write-all' ? 'write' : 'read';
  return Object.fromEntries(names.map((name) => [name, level]));
}
