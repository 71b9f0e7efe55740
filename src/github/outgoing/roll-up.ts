/** The check `gump` on the head: the one to require. It moves with the head, and no older one is left open. */
import { limits } from '../../limits.ts';
import { buttonsFor } from '../commands/buttons.ts';
import { cutMiddle, withinBytes } from '../cut.ts';
import type { CheckOutput } from './check-output.ts';
import { type Area, type Moment, rank, type Tries } from './deliver.ts';
import { gateTable } from './gate-table.ts';
import type { KnownChecks, WantedCheck } from './known-checks.ts';
import { rollUpName } from './name.ts';
import { statusLine } from './status.ts';
import type { GithubView } from './view.ts';

export interface RollUpOptions {
  readonly known: KnownChecks;
  /** True where an earlier process of this run may have left a check on the commit. */
  readonly mayExist: (commit: string) => boolean;
  /** True where the run's branch has a pull request: then the commit it started on may carry the check too. */
  readonly hasPullRequest: () => boolean;
  readonly moveGapMs: number;
  /** True where an App makes the checks: it is told when a button is pressed. */
  readonly hasButtons: boolean;
}

export function createRollUp(options: RollUpOptions): Area {
  const made: { commits: string[]; atMs: number; looked: boolean } = { commits: [], atMs: 0, looked: false };
  return {
    name: 'checks',
    jobs(view, moment) {
      const isFirst = made.commits.length === 0;
      const commit = view.conclusion === null && isFirst ? firstCommit(view, moment) : moment.head;
      if (commit === null || (commit === view.base && !options.hasPullRequest())) return [];
      const wanted = { ...wantedOf(view, commit), ...buttonsOf(view) };
      const isEnd = wanted.conclusion !== null;
      if (!isEnd && moment.progressLeft === 0) return [];
      const dueAtMs = isEnd || isFirst ? 0 : made.atMs + options.moveGapMs * 2 ** made.commits.length;
      return [
        {
          key: 'roll-up',
          digest: `${commit} ${wanted.conclusion}`,
          // The first one stands beside the new pull request; that it moves is only progress.
          rank: isEnd ? rank.end : isFirst ? rank.open : rank.progress,
          dueAtMs,
          what: `the check ${rollUpName}`,
          run: (tries) => show({ view, wanted, moment, tries }),
        },
      ];
    },
  };

  function buttonsOf({ conclusion }: GithubView): Pick<WantedCheck, 'buttons'> {
    return options.hasButtons ? { buttons: buttonsFor(conclusion) } : {};
  }

  /** Where the check begins: the run's first commit, however far it has come; a resumed run goes on at its head. */
  function firstCommit(view: GithubView, { published, head }: Moment): string | null {
    if (options.mayExist(view.base)) return head;
    return view.line.find((commit) => commit !== view.base && published.has(commit)) ?? head;
  }

  async function show(order: {
    view: GithubView;
    wanted: WantedCheck;
    moment: Moment;
    tries: Tries;
  }): Promise<void> {
    const { view, wanted, tries } = order;
    if (tries.doubt)
      for (const commit of new Set([...made.commits, wanted.commit])) await options.known.look(commit, true);
    await findOlder(view);
    // The older one first: a runner that is lost in between leaves none open.
    for (const commit of made.commits)
      if (commit !== wanted.commit) await supersede(view, { commit, wanted });
    if (!made.commits.includes(wanted.commit)) made.commits.push(wanted.commit);
    await options.known.send(wanted, async () => outputOf(view));
    made.atMs = order.moment.nowMs;
  }

  async function findOlder(view: GithubView): Promise<void> {
    if (made.looked) return;
    for (const commit of view.line.filter(options.mayExist)) {
      await options.known.look(commit);
      if (options.known.conclusion(commit, idOf(view)) !== undefined) made.commits.push(commit);
    }
    made.looked = true;
  }

  async function supersede(view: GithubView, old: { commit: string; wanted: WantedCheck }): Promise<void> {
    if (options.known.conclusion(old.commit, idOf(view)) !== null) return;
    const text = `The run went on; commit ${old.wanted.commit} has the check now.`;
    const closed: WantedCheck = {
      ...old.wanted,
      ...(options.hasButtons && { buttons: [] }),
      commit: old.commit,
      conclusion: 'cancelled',
      endedAt: null,
    };
    await options.known.send(closed, async () => ({
      title: 'The run went on',
      summary: text,
      annotations: [],
    }));
  }
}

function wantedOf(view: GithubView, commit: string): WantedCheck {
  const startedAt = view.summary.startedAt;
  return {
    name: rollUpName,
    commit,
    externalId: idOf(view),
    conclusion: view.conclusion,
    startedAt,
    endedAt: null,
  };
}

function idOf(view: GithubView): string {
  return `${view.run}/${rollUpName}`;
}

function outputOf(view: GithubView): CheckOutput {
  const { summary } = view;
  const text = `${statusLine(summary)}\n\n${gateTable(summary)}`;
  return {
    title: statusLine(summary).replaceAll('**', '').replaceAll('`', ''),
    summary: withinBytes(limits.checkTextBytesMax, (charactersMax) => cutMiddle(text, { charactersMax })),
    annotations: [],
  };
}
