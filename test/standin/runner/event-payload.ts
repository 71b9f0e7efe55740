import type { Repository } from '../records.ts';
import type { ServerAddresses } from './environment.ts';
import type { Json } from './expression.ts';

/** What the runner needs to know of a repository. */
export type RunnerRepository = Pick<
  Repository,
  | 'id'
  | 'node_id'
  | 'owner'
  | 'name'
  | 'full_name'
  | 'private'
  | 'default_branch'
  | 'git_dir'
  | 'secrets'
  | 'variables'
> &
  Partial<Pick<Repository, 'workflow_runs'>>;

export interface DispatchEvent {
  readonly repository: RunnerRepository;
  readonly server: ServerAddresses;
  readonly workflowPath: string;
  readonly ref: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly actor: string;
}

/** The payload of `workflow_dispatch`, as in the event file. @source docs, "Webhook events and payloads" (2026-11) */
export function dispatchPayload(event: DispatchEvent): Record<string, Json> {
  const { repository, server, workflowPath, ref, inputs, actor } = event;
  const { owner, full_name } = repository;
  return {
    inputs: { ...inputs },
    ref,
    workflow: workflowPath,
    repository: {
      id: repository.id,
      node_id: repository.node_id,
      name: repository.name,
      full_name,
      private: repository.private,
      owner: { login: owner.login, id: owner.id, node_id: owner.node_id, type: owner.type },
      html_url: `${server.url}/${full_name}`,
      url: `${server.apiUrl}/repos/${full_name}`,
      clone_url: `${server.url}/${full_name}.git`,
      default_branch: repository.default_branch,
    },
    sender: {
      login: actor,
      type: actor.endsWith('[bot]') ? 'Bot' : 'User',
      html_url: `${server.url}/${actor}`,
    },
  };
}
