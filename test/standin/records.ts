/**
 * What the stand-in remembers of each thing: plain data, named as GitHub's REST API names it.
 * The bare git repositories are the truth for everything that git knows.
 */

export type Level = 'read' | 'write' | 'admin';
export type Permissions = Readonly<Record<string, Level>>;
export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none';

export interface User {
  readonly login: string;
  readonly id: number;
  readonly node_id: string;
  readonly type: 'User' | 'Bot' | 'Organization';
  readonly name: string;
}

export interface App {
  readonly id: number;
  readonly node_id: string;
  readonly slug: string;
  readonly name: string;
  readonly client_id: string;
  readonly owner: User;
  readonly bot: User;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  readonly installation_id: number;
  readonly public_key: string;
  readonly webhook_url: string | null;
  readonly webhook_secret: string;
  readonly created_at: string;
}

export interface Token {
  readonly value: string;
  readonly kind: 'user' | 'installation' | 'job';
  readonly user: User;
  readonly permissions: Permissions | 'all';
  readonly app_id: number | null;
  /** null: all repositories of the installation, or whatever the user may see. */
  readonly repository_ids: readonly number[] | null;
  expires_at: string;
  revoked: boolean;
}

export interface Label {
  readonly id: number;
  readonly node_id: string;
  readonly name: string;
  readonly color: string;
  readonly description: string | null;
}

export interface Issue {
  readonly id: number;
  readonly node_id: string;
  readonly number: number;
  readonly user: User;
  /** The App that wrote it, null for people. */
  readonly app_id: number | null;
  readonly created_at: string;
  readonly is_pull_request: boolean;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  state_reason: 'completed' | 'not_planned' | 'reopened' | null;
  labels: Label[];
  assignees: User[];
  locked: boolean;
  updated_at: string;
  closed_at: string | null;
  closed_by: User | null;
}

export interface IssueComment {
  readonly id: number;
  readonly node_id: string;
  readonly issue_number: number;
  readonly user: User;
  readonly app_id: number | null;
  readonly created_at: string;
  body: string;
  updated_at: string;
}

export interface Reaction {
  readonly id: number;
  readonly node_id: string;
  readonly user: User;
  readonly content: string;
  readonly created_at: string;
  readonly subject: { readonly kind: 'issue' | 'comment' | 'review'; readonly id: number };
}

export interface Pull {
  readonly id: number;
  readonly node_id: string;
  /** Title, body, state, labels, author and dates are those of the issue with the same number. */
  readonly number: number;
  readonly head: { readonly ref: string; sha: string };
  base: { ref: string; sha: string };
  draft: boolean;
  merged: boolean;
  merged_at: string | null;
  merged_by: User | null;
  merge_commit_sha: string | null;
  /** null: not looked at yet. */
  mergeable: boolean | null;
  commits: number;
  additions: number;
  deletions: number;
  changed_files: number;
}

export interface Review {
  readonly id: number;
  readonly node_id: string;
  readonly pull_number: number;
  readonly user: User;
  readonly commit_id: string;
  body: string;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';
  submitted_at: string | null;
  /** Of the last edit of its body; null: none. REST does not tell it. */
  edited_at: string | null;
}

export type Side = 'LEFT' | 'RIGHT';

export interface ReviewComment {
  readonly id: number;
  readonly node_id: string;
  readonly pull_number: number;
  readonly pull_request_review_id: number;
  readonly thread_id: number;
  readonly in_reply_to_id: number | null;
  readonly user: User;
  readonly path: string;
  readonly diff_hunk: string;
  readonly original_commit_id: string;
  readonly original_line: number | null;
  readonly original_start_line: number | null;
  readonly original_position: number;
  readonly side: Side;
  readonly start_side: Side | null;
  readonly subject_type: 'line' | 'file';
  readonly created_at: string;
  body: string;
  commit_id: string;
  /** null once the line is no longer in the diff (outdated). */
  line: number | null;
  start_line: number | null;
  position: number | null;
  updated_at: string;
}

export interface ReviewThread {
  readonly id: number;
  readonly node_id: string;
  readonly pull_number: number;
  resolved_by: User | null;
}

export interface Annotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly start_column: number | null;
  readonly end_column: number | null;
  readonly annotation_level: string;
  readonly message: string;
  readonly title: string | null;
  readonly raw_details: string | null;
}

export interface CheckRun {
  readonly id: number;
  readonly node_id: string;
  readonly head_sha: string;
  readonly app_id: number;
  readonly check_suite_id: number;
  name: string;
  external_id: string;
  details_url: string;
  status: string;
  conclusion: string | null;
  started_at: string | null;
  completed_at: string | null;
  output: { title: string | null; summary: string | null; text: string | null };
  annotations: Annotation[];
  actions: readonly { label: string; description: string; identifier: string }[];
}

export interface WorkflowRun {
  readonly id: number;
  readonly node_id: string;
  readonly name: string;
  /** What `run-name:` gives, else the name of the workflow. */
  readonly display_title: string;
  readonly path: string;
  readonly workflow_id: number;
  readonly run_number: number;
  readonly event: string;
  readonly head_branch: string;
  readonly head_sha: string;
  readonly actor: User;
  readonly created_at: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly head_commit: {
    readonly id: string;
    readonly tree_id: string;
    readonly message: string;
    readonly timestamp: string;
    readonly author: { readonly name: string; readonly email: string };
    readonly committer: { readonly name: string; readonly email: string };
  };
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  run_started_at: string;
  updated_at: string;
}

/** What the page of a new App is given. @source docs, "Registering a GitHub App from a manifest" (2026-11) */
export interface AppManifest {
  readonly name: string;
  readonly hook_attributes: { readonly url: string };
  readonly default_events: readonly string[];
  readonly default_permissions: Readonly<Record<string, string>>;
}

/** What the page "Actions" of a repository's settings says. */
export interface ActionsSettings {
  enabled: boolean;
  /** Whether jobs may open pull requests. */
  can_approve: boolean;
}

export interface Repository {
  readonly id: number;
  readonly node_id: string;
  readonly owner: User;
  readonly name: string;
  readonly full_name: string;
  readonly private: boolean;
  default_branch: string;
  archived: boolean;
  readonly created_at: string;
  readonly git_dir: string;
  readonly protected_branches: readonly string[];
  readonly secrets: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  /** Names of the organization's secrets that it may use. */
  readonly organization_secrets: readonly string[];
  readonly actions: ActionsSettings;
  readonly roles: Map<string, Role>;
  readonly labels: Map<string, Label>;
  readonly issues: Map<number, Issue>;
  readonly comments: Map<number, IssueComment>;
  readonly reactions: Map<number, Reaction>;
  readonly pulls: Map<number, Pull>;
  readonly reviews: Map<number, Review>;
  readonly review_comments: Map<number, ReviewComment>;
  readonly review_threads: Map<number, ReviewThread>;
  readonly check_runs: Map<number, CheckRun>;
  readonly workflow_runs: Map<number, WorkflowRun>;
  /** Path of a workflow file → its id. */
  readonly workflows: Map<string, number>;
  /** Who moved which branch when, oldest first. */
  readonly activity: Activity[];
  pushed_at: string;
  updated_at: string;
}

/** One move of a branch; shas, forty zeros where it was made or deleted. */
export interface Activity {
  readonly id: number;
  readonly node_id: string;
  readonly before: string;
  readonly after: string;
  readonly ref: string;
  readonly timestamp: string;
  readonly activity_type: 'push' | 'force_push' | 'branch_creation' | 'branch_deletion';
  readonly actor: User;
}

export interface Delivery {
  readonly id: number;
  readonly guid: string;
  readonly app_id: number;
  readonly event: string;
  readonly action: string | null;
  readonly repository_id: number | null;
  readonly installation_id: number;
  readonly redelivery: boolean;
  readonly payload: unknown;
  delivered_at: string;
  /** 0: no answer (refused, dropped or later than ten seconds). */
  status_code: number;
  status: string;
  /** Seconds. */
  duration: number;
}

export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly actor: string;
  /** 0: the connection was dropped on purpose or no answer was given. */
  status: number;
  /** True for what changes something; a question in GraphQL is none, though it is posted. */
  readonly writes: boolean;
}
