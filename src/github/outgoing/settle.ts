/** Resolves the threads of findings that the newest verdict of their gate does not have any more. */
import { gapMs } from './comments.ts';
import { type Area, rank } from './deliver.ts';
import type { Diffs } from './diffs.ts';
import { pairUp } from './finding-key.ts';
import { readThreads, resolveThreads, type Thread } from './finding-threads.ts';
import type { Place } from './known-checks.ts';
import { keysOf } from './review-body.ts';
import type { LatestVerdict } from './view.ts';

export interface SettleOptions extends Place {
  readonly diffs: Diffs;
  readonly pullRequest: () => number | null;
  /** False where the pull request has no thread of ours: nothing is asked then. */
  readonly mayHaveThreads: () => boolean;
  /** Between two looks; grows with every one. */
  readonly gapMs: number;
}

export function createSettle(options: SettleOptions): Area {
  const made = { looks: 0, atMs: 0 };
  return {
    name: 'review threads',
    jobs(view, { closing, published, nowMs }) {
      const pull = options.pullRequest();
      const verdicts = view.verdicts.filter(({ commit }) => published.has(commit));
      if (pull === null || verdicts.length === 0 || !options.mayHaveThreads()) return [];
      const isEnd = view.ended || closing;
      return [
        {
          key: 'threads of findings that are gone',
          digest: verdicts.map(({ externalId, commit }) => `${externalId}@${commit}`).join(' '),
          rank: rank.end,
          dueAtMs: isEnd ? 0 : made.atMs + gapMs(options.gapMs, made.looks + 1),
          what: 'which findings of its reviews are settled',
          run: async () => {
            await settle(pull, verdicts);
            made.looks += 1;
            made.atMs = nowMs;
          },
        },
      ];
    },
  };

  async function settle(pull: number, verdicts: readonly LatestVerdict[]): Promise<void> {
    const threads = await readThreads(options, pull);
    const gone: string[] = [];
    for (const verdict of verdicts) {
      const ours = threads.filter(({ scope }) => scope === verdict.scope);
      if (ours.some(({ state }) => state === 'open')) gone.push(...(await goneOf(verdict, ours)));
    }
    await resolveThreads(options, gone);
  }

  async function goneOf(verdict: LatestVerdict, threads: readonly Thread[]): Promise<readonly string[]> {
    const files = verdict.findings.length === 0 ? new Map() : await options.diffs.of(verdict.commit);
    const still = new Set(pairUp(keysOf(verdict, files), threads).values());
    return threads.flatMap(({ id, state }, at) => (state === 'open' && !still.has(at) ? [id] : []));
  }
}
