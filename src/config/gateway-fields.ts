/** What `[gateway.<name>]` may say: a part of the table in fields.ts. */
import type { Field } from './fields.ts';

/** The forms in which models are called, as people name them. */
export const modelApis = ['anthropic-messages', 'openai-responses', 'openai-chat', 'gemini'] as const;
export type ModelApi = (typeof modelApis)[number];

/** Upstreams that need no configuration: keys and addresses of these come from the environment. */
export const knownUpstreamNames = ['anthropic', 'openai', 'gemini', 'qwen'] as const;

export const gatewayFields = {
  url: {
    type: 'url',
    doc: 'Where the service is, as a client of its API takes it: with `/v1` (or what the service has instead) for the APIs of OpenAI, without it for those of Anthropic and Gemini.',
    example: '"https://models.example.com/v1"',
    default: 'refused',
  },
  api: {
    type: 'api',
    doc: `The form of its calls: ${modelApis.map((api) => `\`${api}\``).join(', ')}.`,
    example: '"openai-chat"',
    default: 'refused',
  },
  key_env: {
    type: 'variable',
    doc: 'The name of the variable that holds the key. The key itself stands in no file.',
    example: '"COMPANY_MODELS_KEY"',
    default: 'refused, unless `key_in = "none"`',
  },
  key_in: {
    type: 'key_place',
    doc: 'How the key is sent: `bearer`, `header:NAME`, `query:NAME`, or `none` for a service that needs no key, such as Ollama on this machine.',
    example: '"header:api-key"',
    default: "as the API's own service takes it",
  },
  headers: {
    type: 'headers',
    doc: 'More headers of every call. None of them is a credential.',
    example: '{ "x-team" = "platform" }',
    default: 'none',
  },
  models: {
    type: 'models',
    doc: 'Names of models as agents ask for them, and as this service calls them.',
    example: '{ "claude-sonnet-5-5" = "our-sonnet" }',
    default: 'names pass as they are',
  },
  price_in: {
    type: 'price',
    doc: 'USD for a million tokens of input, whatever the model; `[agents.<name>]` may say it for one agent.',
    example: '0.00',
    default: 'list prices, as an estimate',
  },
  price_out: {
    type: 'price',
    doc: 'USD for a million tokens of output.',
    example: '0.00',
    default: 'list prices, as an estimate',
  },
  price_cached: {
    type: 'price',
    doc: 'USD for a million tokens of input that come from a cache. What goes into one counts a quarter more than input.',
    example: '0.00',
    default: 'as input',
  },
} as const satisfies Readonly<Record<string, Field>>;
