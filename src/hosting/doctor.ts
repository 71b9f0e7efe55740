/** `gump doctor`: whether a run could work here, found out without starting one and without spending anything. */
import type { Environment } from '../config/environment.ts';
import { formatDiagnostic } from '../diagnostic.ts';
import { openRepository, type Repository } from '../git/repository.ts';
import { type Configuration, configurationHere, projectRoot } from './config-layers.ts';
import { examineAgents } from './doctor/agents.ts';
import type { Finding } from './doctor/finding.ts';
import { examineGates } from './doctor/gates.ts';
import { examineDisk, examineGit, examineNode } from './doctor/machine.ts';
import { examineSandbox } from './doctor/sandbox.ts';
import { examineToken } from './doctor/token.ts';

export type { Finding } from './doctor/finding.ts';

export interface Examination {
  /** False where something is broken that a run needs. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/** Looks at everything at once; what cannot be found out is a finding, never thrown. */
export async function examine(dir: string, env: Environment): Promise<Examination> {
  const git = await examineGit();
  const repository = git.status === 'broken' ? null : await openRepository(dir);
  const here = repository && !('problem' in repository) ? repository : null;
  const configuration = configurationHere(here?.root ?? projectRoot(dir), env);
  const parts = await Promise.all([
    examineRepository(repository),
    examineConfiguration(configuration),
    examineAgents(configuration, env),
    here ? examineGates(here, configuration) : [],
    examineSandbox(),
    examineDisk(here?.root ?? dir),
    examineToken(here?.root ?? null, env),
  ]);
  const findings = [git, examineNode(), ...parts.flat()];
  return { ok: findings.every(({ status }) => status !== 'broken'), findings };
}

function examineRepository(found: Awaited<ReturnType<typeof openRepository>> | null): readonly Finding[] {
  if (found === null) return [];
  if (!('problem' in found)) return [described(found)];
  const { message, hint } = found.problem;
  return [{ check: 'repository', status: 'broken', message, hint: hint ?? null }];
}

function described({ root, branch, head }: Repository): Finding {
  const message = `${root} on ${branch ?? 'no branch'} (${head.slice(0, 12)})`;
  return { check: 'repository', status: 'ok', message, hint: null };
}

function examineConfiguration({ diagnostics, layers }: Configuration): readonly Finding[] {
  const problems = diagnostics.map((diagnostic): Finding => {
    const status = diagnostic.severity === 'error' ? 'broken' : 'warning';
    const { hint, ...rest } = diagnostic;
    return { check: 'configuration', status, message: formatDiagnostic(rest), hint: hint ?? null };
  });
  const sources = layers.filter(({ source, config }) => source !== 'environment' || hasWords(config));
  const read = sources.map(({ source }) => source).join(', ');
  if (problems.length > 0) return problems;
  const message = read === '' ? 'none; every default holds' : `read from ${read}`;
  return [
    {
      check: 'configuration',
      status: 'ok',
      message,
      hint: read === '' ? '`gump init` writes a commented gump.toml' : null,
    },
  ];
}

function hasWords(config: Configuration['layers'][number]['config']): boolean {
  return Object.values(config).some((section) => Object.keys(section).length > 0);
}
