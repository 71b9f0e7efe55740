/** A workflow file of GitHub's as data: what it listens to, what its jobs may do, which secrets it names. */
import { at, parseQuietly } from './loose-yaml.ts';

export interface GithubWorkflow {
  readonly triggers: readonly string[];
  /** Of `workflow_dispatch`. */
  readonly inputs: readonly string[];
  readonly jobs: readonly GithubJob[];
  /** Named by expressions anywhere in it, comments left out; sorted, each once. */
  readonly secrets: readonly string[];
}

export interface GithubJob {
  readonly name: string;
  /** Right → level; null where the job says nothing of its own. */
  readonly permissions: Readonly<Record<string, string>> | null;
  /** The actions that it uses, as `owner/name@ref`, with the inputs that they are given. */
  readonly uses: readonly { readonly action: string; readonly inputs: readonly string[] }[];
}

/** Null where the text is no mapping with jobs. */
export function readGithubWorkflow(text: string): GithubWorkflow | null {
  const file = parseQuietly(text);
  const jobs = fieldsOf(at(file, 'jobs'));
  if (jobs.length === 0) return null;
  const on = at(file, 'on');
  const triggers =
    typeof on === 'string' ? [on] : Array.isArray(on) ? on.map(String) : fieldsOf(on).map(([name]) => name);
  const names = [...text.replace(/^\s*#.*$/gm, '').matchAll(/\bsecrets\.([A-Za-z_]\w*)/g)];
  return {
    triggers,
    inputs: fieldsOf(at(at(on, 'workflow_dispatch'), 'inputs')).map(([name]) => name),
    jobs: jobs.map(([name, job]) => ({ name, permissions: permissionsOf(job), uses: usesOf(job) })),
    secrets: [...new Set(names.flatMap(([, name]) => name ?? []))].sort(),
  };
}

function permissionsOf(job: unknown): GithubJob['permissions'] {
  const said = at(job, 'permissions');
  if (said === undefined) return null;
  return Object.fromEntries(fieldsOf(said).map(([right, level]) => [right, String(level)]));
}

function usesOf(job: unknown): GithubJob['uses'] {
  const steps = at(job, 'steps');
  return (Array.isArray(steps) ? steps : []).flatMap((step: unknown) => {
    const action = at(step, 'uses');
    const inputs = fieldsOf(at(step, 'with')).map(([name]) => name);
    return typeof action === 'string' ? [{ action, inputs }] : [];
  });
}

function fieldsOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
