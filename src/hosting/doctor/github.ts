/** `gump doctor --github owner/repo`: what a repository lacks for runs on GitHub, and how to add it. Nothing is changed. */
import type { Environment } from '../../config/environment.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import { usage } from '../local-run.ts';
import { type Finding, told } from './finding.ts';
import { type Ask, asker, type Place, placeOf, unreached } from './github/ask.ts';
import { examineActions, examineLabel, examineRepository } from './github/repository.ts';
import { examineWorkflow } from './github/workflow.ts';

export interface GithubExamination {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/** Everything at once; what cannot be found out is a finding. A name that is none is refused. */
export async function examineGithub(
  name: string,
  env: Environment,
): Promise<GithubExamination | { readonly refused: Diagnostic }> {
  const place = placeOf(name, env);
  if (!place) {
    return {
      refused: usage(`\`${name}\` is no repository`, 'give it as OWNER/NAME, for example octo-org/shop'),
    };
  }
  const token = env.GITHUB_TOKEN || env.GH_TOKEN;
  if (!token) {
    const hint = 'export GH_TOKEN=$(gh auth token)';
    return judged([told('broken', 'no token is set, so GitHub was not asked', hint)]);
  }
  try {
    return judged(await findingsOf(asker(place, token), place));
  } catch (error) {
    return judged([unreached(place, error)]);
  }
}

async function findingsOf(ask: Ask, place: Place): Promise<readonly Finding[]> {
  const { findings, defaultBranch } = await examineRepository(ask, place);
  if (defaultBranch === null) return findings;
  const parts = await Promise.all([
    examineActions(ask, place),
    examineWorkflow(ask, place, defaultBranch),
    examineLabel(ask, place),
  ]);
  return [...findings, ...parts.flat()];
}

function judged(findings: readonly Finding[]): GithubExamination {
  return { ok: findings.every(({ status }) => status !== 'broken'), findings };
}
