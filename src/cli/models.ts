/** `gump models`: names of agents, the models behind them, what they cost, and whether their CLI is here. */
import { Option } from 'commander';
import { hasErrors, type ListedAgent, type ListedAgents, listAgents } from '../local.ts';
import { defineCommand, wordAt } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { repositoryOption } from './options.ts';
import { print, printDiagnostics } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
  readonly json?: boolean;
}

export const modelsCommand = defineCommand<Options>({
  name: 'models',
  description: 'List the agents that workflows can name: CLI, model, context window, price.',
  arguments: [['[agent]', 'a family (`claude`) or any name (`codex-gpt-6.1-sol`)']],
  options: [repositoryOption(), new Option('--json', 'an array of objects')],
  examples: ['gump models', 'gump models claude', 'gump models codex-gpt-6.1-sol'],
  notes:
    'A name that is not listed asks its CLI for the model that its suffix names. [agents.<name>] in gump.toml says\nmodel, context window and prices anew, and adds agents.',
  perform: (words, options) => models(wordAt(words, 0), options),
});

function models(wanted: string | null, options: Options): number {
  const { agents, upstreams, diagnostics } = listAgents(repositoryFolder(options.repo), wanted, process.env);
  printDiagnostics(diagnostics);
  if (hasErrors(diagnostics)) return exitCodes.usage;
  print(options.json ? JSON.stringify(agents, null, 2) : tableOf(agents, upstreams));
  return exitCodes.pass;
}

const head = ['agent', 'CLI', 'model', 'context', 'in', 'out', 'cached', ''];

function tableOf(agents: readonly ListedAgent[], upstreams: ListedAgents['upstreams']): string {
  const rows = [head, ...agents.map(rowOf)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, '', ...upstreams.map(upstreamLine), ...footnotes(agents)].join('\n');
}

function upstreamLine({ name, url, apis, variable, isSet }: ListedAgents['upstreams'][number]): string {
  const key = variable === null ? 'no key needed' : `${variable} is ${isSet ? '' : 'not '}set`;
  return `Upstream ${name}: ${url} (${apis.join(', ')}), ${key}`;
}

function rowOf({
  agent,
  family,
  program,
  installed,
  model,
  contextTokens,
  price,
  longPrompts,
  upstream,
}: ListedAgent): string[] {
  return [
    agent,
    program ?? family,
    model ?? '(its default)',
    contextTokens === null ? '?' : tokens(contextTokens),
    ...[price.input, price.output, price.cached].map((usd) => (usd === null ? '?' : `$${usd}`)),
    [
      installed ? 'installed' : 'not installed',
      longPrompts === null ? '' : 'dearer for long prompts',
      upstream === null ? '' : `through ${upstream}`,
    ]
      .filter((part) => part !== '')
      .join(', '),
  ];
}

function tokens(count: number): string {
  return count >= 1_000_000 ? `${Math.floor(count / 10_000) / 100}M` : `${Math.floor(count / 1_000)}k`;
}

function footnotes(agents: readonly ListedAgent[]): readonly string[] {
  const sources = agents.flatMap(({ source, date }) => (source && date ? [`${source} (${date})`] : []));
  return [
    'Prices: USD for a million tokens, list prices of the provider; `?` is not known. A CLI or an account may allow less context.',
    ...[...new Set(sources)].map((line) => `Source: ${line}`),
  ];
}
