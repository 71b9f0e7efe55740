import { demandRole } from './auth.ts';
import { issueOf, labelNames, setLabels } from './issues.ts';
import type { Label, Repository } from './records.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { repositoryApiUrl } from './repos.ts';
import { type Answer, ok, page, R, type RepositoryCall, type Route, route, text } from './router.ts';
import { nextId, nodeId } from './state.ts';
import type { World } from './world.ts';

/** GitHub's `label`. */
export function labelJson(world: World, repository: Repository, label: Label): Record<string, unknown> {
  const url = `${repositoryApiUrl(world, repository)}/labels/${encodeURIComponent(label.name)}`;
  return { ...label, url, default: false };
}

/** The label of this name, made in grey when the repository has none; case does not matter. */
export function ensureLabel(world: World, repository: Repository, name: string): Label {
  return repository.labels.get(name.toLowerCase()) ?? addLabel(world, repository, { name });
}

function addLabel(
  world: World,
  repository: Repository,
  from: { readonly name: string; readonly color?: string; readonly description?: string | null },
): Label {
  const id = nextId(world.state, 'label');
  const { name, color = 'ededed', description = null } = from;
  const label: Label = { id, node_id: nodeId('LA', id), name, color, description };
  repository.labels.set(name.toLowerCase(), label);
  return label;
}

function labelsOf(call: RepositoryCall, issue = issueOf(call)): Answer {
  return page(
    call,
    issue.labels.map((label) => labelJson(call.world, call.repository, label)),
  );
}

function wantedNames(call: RepositoryCall): string[] {
  return labelNames(Array.isArray(call.body) ? call.body : call.body.labels);
}

function createLabel(call: RepositoryCall): Answer {
  const { world, actor, repository, body } = call;
  demandRole(actor, repository, 'write');
  const name = text(body.name);
  if (repository.labels.has(name.toLowerCase())) {
    throw invalid([{ resource: 'Label', code: 'already_exists', field: 'name' }]);
  }
  const color = text(body.color) || 'ededed';
  const description = text(body.description) || null;
  return ok(labelJson(world, repository, addLabel(world, repository, { name, color, description })), 201);
}

const WRITE = [
  ['issues', 'write'],
  ['pull_requests', 'write'],
] as const;
const READ = [
  ['issues', 'read'],
  ['pull_requests', 'read'],
] as const;
const OF_ISSUE = `${R}/issues/{issue_number}/labels`;

export const labelRoutes: readonly Route[] = [
  route('GET', OF_ISSUE, READ, (call) => labelsOf(call)),
  route('POST', OF_ISSUE, WRITE, (call) => {
    const issue = issueOf(call, 'write');
    setLabels(call, issue, [...issue.labels.map((label) => label.name), ...wantedNames(call)]);
    return labelsOf(call, issue);
  }),
  route('PUT', OF_ISSUE, WRITE, (call) => {
    const issue = issueOf(call, 'write');
    setLabels(call, issue, wantedNames(call));
    return labelsOf(call, issue);
  }),
  route('DELETE', `${OF_ISSUE}/{name}`, WRITE, (call) => {
    const issue = issueOf(call, 'write');
    const name = text(call.values.name).toLowerCase();
    const rest = issue.labels.map((label) => label.name).filter((label) => label.toLowerCase() !== name);
    if (rest.length === issue.labels.length) throw new Refusal(404, 'Label does not exist');
    setLabels(call, issue, rest);
    return labelsOf(call, issue);
  }),
  route('GET', `${R}/labels`, READ, (call) =>
    page(
      call,
      [...call.repository.labels.values()].map((label) => labelJson(call.world, call.repository, label)),
    ),
  ),
  route('POST', `${R}/labels`, WRITE, createLabel),
  route('GET', `${R}/labels/{name}`, READ, ({ world, repository, values }) => {
    const label = repository.labels.get(text(values.name).toLowerCase());
    if (!label) throw notFound();
    return ok(labelJson(world, repository, label));
  }),
];
