/** `gump doctor`: everything that a run needs, looked at; exit code 1 where something of it is broken. */
import { Option } from 'commander';
import { examine, examineGithub, type Finding } from '../local.ts';
import { defineCommand } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { repositoryOption } from './options.ts';
import { print, printDiagnostics } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
  readonly github?: string;
  readonly json?: boolean;
}

export const doctorCommand = defineCommand<Options>({
  name: 'doctor',
  description: 'Check what runs need: git, Node, agents, gates, configuration, disk, token.',
  options: [
    repositoryOption(),
    new Option(
      '--github <owner/repo>',
      'what the repository on GitHub lacks instead: rights, secrets, label, workflow file',
    ),
    new Option('--json', 'findings as one object'),
  ],
  examples: ['gump doctor', 'gump doctor --json', 'gump doctor --github octo-org/shop'],
  notes:
    'Exit code 1 where something is broken that a run needs. Agents are asked for their version, nothing else is started. --github asks with GITHUB_TOKEN or GH_TOKEN, and changes nothing.',
  perform: (_words, options) => doctor(options),
});

async function doctor(options: Options): Promise<number> {
  const examination =
    options.github === undefined
      ? await examine(repositoryFolder(options.repo), process.env)
      : await examineGithub(options.github, process.env);
  if ('refused' in examination) {
    printDiagnostics([examination.refused]);
    return exitCodes.usage;
  }
  if (options.json) print(JSON.stringify(examination, null, 2));
  else for (const finding of examination.findings) print(lines(finding));
  return examination.ok ? exitCodes.pass : exitCodes.fail;
}

const marks: Readonly<Record<Finding['status'], string>> = { ok: '✓', note: '·', warning: '!', broken: '✗' };

function lines({ check, status, message, hint }: Finding): string {
  const [first = '', ...rest] = message.split('\n');
  return [
    `${marks[status]} ${check.padEnd(13)}  ${first}`,
    ...rest.map((line) => `${' '.repeat(17)}${line}`),
    ...(hint === null ? [] : [`${' '.repeat(17)}→ ${hint}`]),
  ].join('\n');
}
