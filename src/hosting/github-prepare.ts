/** What a run on GitHub starts from: its own ledger where one exists, else spec, workflow and base commit. */
import { join } from 'node:path';
import { defaultWorkflow } from '../config/fields.ts';
import { formatDiagnostic } from '../diagnostic.ts';
import { fold } from '../engine/evolve.ts';
import { protectedOnGithub } from '../engine/protected.ts';
import { isHandedOver, questionOf } from '../events/ending.ts';
import type { Event, Fact } from '../events/event.ts';
import { readFrozenSpec } from '../github/issue-spec/freeze.ts';
import type { Plan } from '../plan/plan.ts';
import { encodeSnapshot } from '../playbook/snapshot.ts';
import { cleanText } from '../spec/clean.ts';
import { specFromIssue } from '../spec/from-issue.ts';
import { type Spec, specFromText } from '../spec/spec.ts';
import { configurationFolder } from './configuration.ts';
import { type Consent, resumedFacts, startedFact } from './facts.ts';
import { agentsFor, type Isolated } from './github-agents.ts';
import { takeBack } from './github-fan-out.ts';
import { type Chosen, runOfIssue } from './github-issue.ts';
import { type Past, pastOf, planOfPast, restoreLedger } from './github-past.ts';
import { beginReplay, replayFrom } from './github-replay.ts';
import { endOf, type GithubRunResult, need, type Site, usageError } from './github-site.ts';
import { startCommit, type Tips } from './github-start.ts';
import { refuseWorkflowFiles } from './github-workflow-files.ts';
import { preparePlan, prepareWorkflow, withoutUnknownAgents } from './prepare.ts';
import { runSettings } from './run-settings.ts';

export interface Prepared extends Isolated {
  readonly plan: Plan;
  readonly past: readonly Event[];
  readonly opening: readonly Fact[];
  /** What a new run's folder is to hold; null for a continued one. */
  readonly snapshot: string | null;
  /** True where the base is a commit that only this machine has yet. */
  readonly newBase: boolean;
  /** Behind `past` in the ledger already, and shown to nobody yet. */
  readonly unseen?: readonly Event[];
  /** Commits that the ledger has to hold, because no branch does yet. */
  readonly held?: readonly string[];
}

/** A run that is over, and nobody wants it to go on. */
export interface Ended {
  readonly ended: GithubRunResult;
  readonly plan: Plan;
  readonly past: readonly Event[];
  /** A person has asked for it once more. */
  readonly again: boolean;
}

/** @throws GumpError `usage` before anything has changed. */
export async function prepareGithubRun(site: Site, tips: Tips): Promise<Prepared | Ended> {
  await restoreLedger(site);
  const held = await takeBack(site);
  const past = await pastOf(site);
  if (past) return { ...(await continued(site, past)), held };
  const { replay } = site.options;
  return replay ? replayed(site, replay) : fresh(site, tips);
}

async function continued(site: Site, past: Past): Promise<Prepared | Ended> {
  const { options, runId } = site;
  const state = fold(past.events);
  const byItself = options.continued !== null;
  // The same dispatch delivered twice changes nothing, and is nobody's consent; a job that a person runs again, or
  // `resume`, goes on.
  const isRepeated = Number(options.env.GITHUB_RUN_ATTEMPT ?? '1') > 1;
  const again = isRepeated || !(byItself || ['run', 'fix', 'replay'].includes(options.command));
  const consent = consentOf(options, questionOf(past.events), isRepeated);
  const plan = planOfPast(runId, past);
  const isEnded = state.status === 'pass' || (['fail', 'paused'].includes(state.status) && !again);
  // What goes on by itself is nobody's consent, and takes nothing up that somebody has ended meanwhile.
  if (consent === null || isEnded || (byItself && state.status !== 'running'))
    return { ended: endOf(site, state, past.events), plan, past: past.events, again };
  if (consent.approved) await refuseWorkflowFiles(site, past.events);
  const maxBudgetUsd = options.settings.maxBudgetUsd ?? undefined;
  const opening = [
    ...resumedFacts(runId, past.events, { maxBudgetUsd, consent }),
    ...(byItself && !isHandedOver(past.events) ? [lostNotice] : []),
  ];
  const isolated = await agentsFor(site, plan);
  return { plan, ...isolated, past: past.events, opening, snapshot: null, newBase: false };
}

const lostNotice: Fact = { type: 'notice', message: 'a runner was lost: a fresh job went on by itself' };

async function replayed(site: Site, from: { readonly of: string; readonly step: string }): Promise<Prepared> {
  const found = await replayFrom(site, from);
  const { plan, point } = found;
  const isolated = await agentsFor(site, plan);
  const events = await beginReplay(site, found, isolated.isolation);
  return {
    ...{ plan, ...isolated, opening: [], snapshot: null, newBase: false },
    ...{ past: events.slice(0, -1), unseen: events.slice(-1), held: [point.head, ...point.tips] },
  };
}

/**
 * What the person said; null where it was an answer to a question that is not open any more. A job that is run again has
 * given the answer already, or finds the question open.
 */
function consentOf(
  { command, by, reason, seq, log }: Site['options'],
  /** The open question; null: none. */
  asked: number | null,
  isRepeated: boolean,
): Consent | null {
  const isAnswer = command === 'approve' || command === 'reject';
  const isOpen = asked !== null && (seq === null || seq === asked);
  if (isAnswer && !isOpen && !isRepeated) {
    log('The answer is not taken: the run does not ask, or it asks something else by now.');
    return null;
  }
  const said = command === 'reject' && reason !== null ? cleanText(reason).text.trim() : '';
  return { approved: command !== 'reject', by, reason: said === '' ? null : said };
}

async function fresh(site: Site, tips: Tips): Promise<Prepared> {
  const { options, runId } = site;
  if (!['run', 'fix', 'replay'].includes(options.command))
    throw usageError(`there is no run ${runId} to go on with`, 'start one with `/gump run`');
  const { spec, chosen } = await specOf(site);
  if (spec.text.trim() === '') throw usageError('the spec is empty', 'say in the issue what to build');
  const { files, settings } = await configured(site, chosen);
  const base = await startCommit(site, tips);
  const planned = preparePlan({ run: runId, files, spec, base, settings });
  const plan = need(planned.diagnostics, 'value' in planned ? planned.value : null);
  return {
    plan,
    ...(await agentsFor(site, plan)),
    past: [],
    opening: [startedFact(plan)],
    snapshot: encodeSnapshot(files),
    newBase: base !== tips.baseTip && base !== tips.branchTip,
  };
}

/** Configuration comes from the default branch, never from a head that somebody proposes. @throws GumpError `usage` */
async function configured(site: Site, chosen: Chosen) {
  const { options, configuration, publisher, defaultTip, root } = site;
  const { config, diagnostics } = configuration;
  const project = await configurationFolder({
    publisher,
    commit: defaultTip,
    dir: join(root, 'configuration'),
  });
  const found = prepareWorkflow({
    folders: { project, user: null },
    name: chosen.workflow ?? config?.github.workflow ?? defaultWorkflow,
    resolvePath: (path) => join(project, 'workflows', path),
    agents: config?.agents ?? {},
    set: options.settings.set,
    host: 'runner',
  });
  const problems = config ? found.diagnostics : withoutUnknownAgents(found.diagnostics);
  const value = config && 'value' in found ? { files: found.value, config } : null;
  const { files, config: whole } = need([...diagnostics, ...problems], value);
  for (const warning of diagnostics) (options.warn ?? options.log)(formatDiagnostic(warning));
  const { maxParallel, set } = options.settings;
  const { agent, maxBudgetUsd } = chosen;
  const asked = { agent, maxBudgetUsd, maxParallel, set, pauseAfter: null };
  const settings = { ...runSettings(asked, configuration, whole), protected: protectedOnGithub };
  return { files, settings };
}

async function specOf(site: Site): Promise<{ readonly spec: Spec; readonly chosen: Chosen }> {
  const { options, client } = site;
  const { owner, repo, issue, spec, workflow } = options;
  const { agent, maxBudgetUsd } = options.settings;
  const chosen = { workflow, agent, maxBudgetUsd };
  if (spec?.kind === 'file') return { spec: specFromText(spec.text, spec.path), chosen };
  if (issue === null || spec === null)
    throw usageError('there is no spec', 'give the input `spec` or `issue`');
  if (spec.kind === 'commit') {
    const frozen = { owner, repo, issue, commit: spec.commit, hash: spec.hash };
    return { spec: await readFrozenSpec(client.octokit, frozen), chosen };
  }
  return (await runOfIssue(site, issue)) ?? { spec: await pullAsSpec(site, issue), chosen };
}

/** A pull request says what to do like an issue, but nobody makes a spec of it. */
async function pullAsSpec({ client, options }: Site, number: number): Promise<Spec> {
  const { owner, repo } = options;
  const { data } = await client.octokit.issues.get({ owner, repo, issue_number: number });
  const { title, body, user, created_at: createdAt } = data;
  return specFromIssue({
    ...{ number, title, body: body ?? '', author: user?.login ?? '', createdAt },
    ...{ comments: [], origin: `${owner}/${repo}#${number}` },
  });
}
