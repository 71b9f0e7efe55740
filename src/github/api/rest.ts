/** The little of Octokit that reading and answering needs: `request`, typed by GitHub's own description, and `graphql`. */
import type { Octokit } from '@octokit/rest';
import { GumpError } from '../../errors.ts';
import { failureOf } from './failure.ts';

export type RestClient = Pick<Octokit, 'request' | 'graphql'>;

export interface RepoName {
  readonly owner: string;
  readonly repo: string;
}

/** The status of a failed request; null where no answer came, or it was no request at all. */
export function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('status' in error)) return null;
  return typeof error.status === 'number' ? error.status : null;
}

/** True where no answer came, or a broken one: what was asked for may have been carried out. */
export function isInDoubt(error: unknown): boolean {
  return failureOf(error, Date.now()).kind === 'unknown';
}

/** What `ask` gives, or null where GitHub answers with 404. */
export async function orNull<T>(ask: Promise<T>): Promise<T | null> {
  try {
    return await ask;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

/** What `ask` gives, or null where GitHub says that it is not there, or not any more. */
export async function orGone<T>(ask: Promise<T>): Promise<T | null> {
  try {
    return await ask;
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 410) return null;
    throw error;
  }
}

/**
 * All pages of a list, at most `itemsMax` items.
 * @throws GumpError `limit` when there are more.
 */
export async function allPages<T>(
  page: (page: number) => Promise<readonly T[]>,
  { itemsMax, what }: { readonly itemsMax: number; readonly what: string },
): Promise<readonly T[]> {
  const items: T[] = [];
  for (let number = 1; ; number++) {
    const got = await page(number);
    items.push(...got);
    if (got.length < pageSize) return items;
    if (items.length >= itemsMax) {
      throw new GumpError(`Not all ${what} were read: there are more than ${itemsMax}.`, {
        code: 'limit',
        hint: 'Move the discussion to a new issue and label that one.',
      });
    }
  }
}

/** The largest page that GitHub gives. */
export const pageSize = 100;
