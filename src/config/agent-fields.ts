/** What `[agents.<name>]` may say: a part of the table in fields.ts. */
import type { Field } from './fields.ts';

export const agentFields = {
  command: {
    type: 'words',
    doc: 'An agent of your own: program and arguments, never a line for a shell. The prompt comes on its standard input, what it prints is its answer, exit code 0 is success.',
    example: '["my-agent", "--headless"]',
    default: 'the CLI of the family',
  },
  env: {
    type: 'variables',
    doc: 'Names of variables that `command` gets of your environment besides paths, locale and terminal; those of GitHub and of gump are never passed. A project that you run on your machine gets none that your own file does not name for the same command.',
    example: '["MY_AGENT_KEY"]',
    default: 'none',
  },
  acp: {
    type: 'text',
    doc: 'A command that speaks the Agent Client Protocol: words between blanks, never a line for a shell. Without `upstream` it uses its own login, and what it uses is known only when its turn ends, as far as it tells.',
    example: '"kimi --acp"',
    default: 'none',
  },
  family: {
    type: 'family',
    doc: 'The CLI that this name stands for.',
    example: '"claude"',
    default: 'the first part of the name',
  },
  upstream: {
    type: 'name',
    doc: 'Where its models are reached, by the name of a table `[gateway.<name>]`, or one of `anthropic`, `openai`, `gemini`, `qwen`. An agent of your own finds address and token of the gateway in the variables of that API.',
    example: '"company"',
    default: "the service of the CLI's own provider; none for a command",
  },
  model: {
    type: 'text',
    doc: 'The model that the CLI is asked for; `command` finds it in `GUMP_MODEL`.',
    example: '"claude-opus-5-5"',
    default: 'what `gump models` shows',
  },
  context_window: {
    type: 'count',
    doc: 'Tokens that fit into its context.',
    example: '200_000',
    default: 'what `gump models` shows',
  },
  price_in: {
    type: 'price',
    doc: 'USD for a million tokens of input. On your machine, prices and `context_window` hold where your own file says the same.',
    example: '4.00',
    default: 'what `gump models` shows',
  },
  price_out: {
    type: 'price',
    doc: 'USD for a million tokens of output.',
    example: '20.00',
    default: 'what `gump models` shows',
  },
  price_cached: {
    type: 'price',
    doc: 'USD for a million tokens of input that come from a cache. What goes into one counts a quarter more than input.',
    example: '0.20',
    default: 'what `gump models` shows',
  },
} as const satisfies Readonly<Record<string, Field>>;
