import type { Repository } from '../records.ts';

/** What the pages need of the stand-in. */
export interface PagesStandin {
  readonly url: string;
  readonly state: { readonly repositories: ReadonlyMap<string, PagesRepository> };
  dump(): Promise<PagesDump>;
}

/** What REST does not say of a repository: where its git data is, which threads are resolved. */
export type PagesRepository = Pick<Repository, 'full_name' | 'default_branch' | 'git_dir'> &
  Partial<Pick<Repository, 'review_comments' | 'review_threads' | 'check_runs'>>;

/** Arrays of objects with GitHub's REST field names. */
export interface PagesDump {
  readonly issues: readonly object[];
  readonly comments: readonly object[];
  readonly pulls: readonly object[];
  readonly reviews: readonly object[];
  readonly review_comments: readonly object[];
  readonly check_runs: readonly object[];
  readonly deliveries: readonly object[];
  readonly requests: readonly object[];
}

export interface UserData {
  readonly login: string;
  readonly type?: string;
}

export interface LabelData {
  readonly name: string;
  readonly color: string;
}

export interface IssueData {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly state: string;
  readonly user: UserData | null;
  readonly labels: readonly LabelData[];
  readonly created_at: string;
  readonly url: string;
  readonly pull_request?: object;
  readonly reactions?: Readonly<Record<string, unknown>>;
}

export interface CommentData {
  readonly id: number;
  readonly body: string;
  readonly user: UserData | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly issue_url: string;
  readonly reactions?: Readonly<Record<string, unknown>>;
}

export interface PullData {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly state: string;
  readonly draft: boolean;
  readonly merged_at: string | null;
  readonly user: UserData | null;
  readonly labels: readonly LabelData[];
  readonly created_at: string;
  readonly url: string;
  readonly head: { readonly ref: string; readonly sha: string };
  readonly base: { readonly ref: string; readonly sha: string };
}

export interface ReviewData {
  readonly id: number;
  readonly body: string;
  readonly user: UserData | null;
  readonly state: string;
  readonly submitted_at: string | null;
  readonly commit_id: string;
  readonly pull_request_url: string;
}

export interface ReviewCommentData {
  readonly id: number;
  readonly body: string;
  readonly user: UserData | null;
  readonly path: string;
  /** null when the line is gone from the diff. */
  readonly line: number | null;
  readonly original_line: number | null;
  readonly side: string;
  readonly diff_hunk: string;
  readonly in_reply_to_id?: number;
  readonly pull_request_review_id: number | null;
  readonly pull_request_url: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface AnnotationData {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: string;
  readonly title: string | null;
  readonly message: string;
}

export interface CheckRunData {
  readonly id: number;
  readonly name: string;
  readonly head_sha: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly external_id?: string;
  readonly url: string;
  readonly output: {
    readonly title: string | null;
    readonly summary: string | null;
    readonly text: string | null;
  };
}

export interface DeliveryData {
  readonly id: number;
  readonly event: string;
  readonly action: string | null;
  readonly status: string;
  readonly status_code: number;
  readonly delivered_at: string;
  readonly duration: number;
  readonly redelivery: boolean;
}

export interface RequestData {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly actor: string;
}

/** A remark on a line with its replies. */
export interface ThreadData {
  readonly root: ReviewCommentData;
  readonly replies: readonly ReviewCommentData[];
  /** Who resolved it; null while it is open. */
  readonly resolvedBy: string | null;
}

/** Everything known of one repository, apart from git. */
export interface RepositoryData {
  /** `owner/name`. */
  readonly name: string;
  readonly url: string;
  readonly defaultBranch: string;
  readonly gitDir: string;
  readonly issues: readonly IssueData[];
  readonly pulls: readonly PullData[];
  readonly comments: readonly CommentData[];
  readonly reviews: readonly ReviewData[];
  readonly threads: readonly ThreadData[];
  readonly checkRuns: readonly CheckRunData[];
  annotationsOf(checkRun: CheckRunData): readonly AnnotationData[];
}

/** The part of the dump that belongs to a repository; undefined when there is no such repository. */
export async function loadRepository(
  standin: PagesStandin,
  name: string,
): Promise<RepositoryData | undefined> {
  const repository = standin.state.repositories.get(name.toLowerCase());
  if (repository === undefined) return undefined;
  const dump = await standin.dump();
  const mine = <T>(items: readonly object[], address: keyof T): readonly T[] =>
    (items as readonly T[]).filter((item) => belongsTo(String(item[address]), repository.full_name));
  return {
    name: repository.full_name,
    url: `/${repository.full_name}`,
    defaultBranch: repository.default_branch,
    gitDir: repository.git_dir,
    issues: mine<IssueData>(dump.issues, 'url').filter((issue) => issue.pull_request === undefined),
    pulls: mine<PullData>(dump.pulls, 'url'),
    comments: mine<CommentData>(dump.comments, 'issue_url'),
    reviews: mine<ReviewData>(dump.reviews, 'pull_request_url'),
    threads: threadsOf(mine<ReviewCommentData>(dump.review_comments, 'pull_request_url'), repository),
    checkRuns: mine<CheckRunData>(dump.check_runs, 'url'),
    annotationsOf: (checkRun) => repository.check_runs?.get(checkRun.id)?.annotations ?? [],
  };
}

/** Whether a thing's API address ends in this number: `…/issues/12`. */
export function hasNumber(address: string, number: number): boolean {
  return address.endsWith(`/${number}`);
}

function belongsTo(address: string, fullName: string): boolean {
  return address.toLowerCase().includes(`/repos/${fullName.toLowerCase()}/`);
}

function threadsOf(
  comments: readonly ReviewCommentData[],
  repository: PagesRepository,
): readonly ThreadData[] {
  return comments
    .filter((comment) => comment.in_reply_to_id === undefined)
    .map((root) => {
      const threadId = repository.review_comments?.get(root.id)?.thread_id;
      const thread = threadId === undefined ? undefined : repository.review_threads?.get(threadId);
      const replies = comments.filter((comment) => comment.in_reply_to_id === root.id);
      return { root, replies, resolvedBy: thread?.resolved_by?.login ?? null };
    });
}
