/** The JSON schema of workflow files, for editors: made of the table of fields, as the parser is. */
import {
  type Field,
  fieldOf,
  keysOf,
  keysWith,
  type Place,
  placeNames,
  stepTypes,
} from '../src/workflow/fields.ts';
import { formWords } from '../src/workflow/forms.ts';
import type { StepKind } from '../src/workflow/workflow.ts';
import { ref, type SchemaObject, valueDefinitions, valueSchemas, when } from './value-schemas.ts';

/**
 * Draft-07, which the YAML language servers of editors understand. It takes whatever the parser takes but the two spellings
 * that are no YAML; what a schema cannot say (names, scopes, order of retries) is said by `gump validate`.
 * @source github.com/redhat-developer/yaml-language-server: later drafts came and went, draft-07 always worked (2026-11)
 */
export function workflowSchema(): SchemaObject {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A workflow of gump',
    ...placeSchema('root'),
    definitions: {
      step: { ...placeSchema('step'), ...stepRules() },
      get: placeSchema('get'),
      run: placeSchema('run'),
      promptFile: placeSchema('prompt'),
      context: { ...placeSchema('context'), minProperties: 1, maxProperties: 1 },
      session: placeSchema('session'),
      guard: { ...placeSchema('guard'), dependencies: aliasRules('guard') },
      gate: gateSchema(),
      measure: measureSchema(),
      validator: validatorSchema(),
      retry: { ...placeSchema('retry'), ...retryRules() },
      ...valueDefinitions,
    },
  };
}

function placeSchema(place: Place): SchemaObject {
  const keys = keysOf(place);
  const required = keys.filter((key) => fieldOf(place, key)?.required);
  return {
    title: placeNames[place],
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    properties: propertiesOf(place, keys),
    additionalProperties: false,
  };
}

function propertiesOf(place: Place, keys: readonly string[]): SchemaObject {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const field = fieldOf(place, key);
      return field ? [[key, fieldSchema(key, field)]] : [];
    }),
  );
}

function fieldSchema(key: string, field: Field): SchemaObject {
  const { type, doc, default: inWords, defaultValue, deprecated } = field;
  const value = type === 'block' ? ref(key) : valueSchemas[type];
  const about = {
    title: `${key}: ${formWords(type)}`,
    description: inWords === undefined ? doc : `${doc} Default: ${inWords}.`,
    ...('pattern' in value ? { patternErrorMessage: `\`${key}\` is ${formWords(type)}` } : {}),
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
    ...(deprecated === undefined ? {} : { deprecated: true, deprecationMessage: `not read: ${deprecated}` }),
  };
  // Beside `$ref`, draft-07 reads nothing.
  return '$ref' in value ? { ...about, allOf: [value] } : { ...about, ...value };
}

/** `false` for each key: it may not stand there. */
function forbidden(keys: readonly string[]): SchemaObject {
  return Object.fromEntries(keys.map((key) => [key, false]));
}

const anywhere = (key: string): readonly SchemaObject[] => [
  { required: [key] },
  ...(['get', 'run'] as const)
    .filter((block) => fieldOf(block, key))
    .map((block) => ({ required: [block], properties: { [block]: { required: [key] } } })),
];

function stepRules(): SchemaObject {
  return {
    dependencies: {
      get: { properties: forbidden(keysOf('get')) },
      run: { properties: forbidden(keysOf('run')) },
      with: { anyOf: anywhere('workflow') },
    },
    allOf: [
      ...stepTypes.map((type) =>
        when({ required: ['type'], properties: { type: { const: type } } }, typedRules(type)),
      ),
      when({ not: { required: ['type'] } }, untypedRules()),
    ],
  };
}

/** What a kind of step may not say, flat and in blocks. */
function kindRules(kind: StepKind): { readonly properties: SchemaObject } {
  const wrong = (place: Place) => keysOf(place).filter((key) => !isOf(kind, fieldOf(place, key)));
  const blocks = (['get', 'run'] as const).filter((block) => isOf(kind, fieldOf('step', block)));
  const inBlocks = blocks.map((block) => [block, { properties: forbidden(wrong(block)) }] as const);
  return { properties: { ...forbidden(wrong('step')), ...Object.fromEntries(inBlocks) } };
}

function isOf(kind: StepKind, field: Field | null): boolean {
  return field?.kinds === undefined || field.kinds.includes(kind);
}

function typedRules(type: (typeof stepTypes)[number]): SchemaObject {
  const pass = { const: 'pass' };
  const passed = [
    { required: ['agent'], properties: { agent: pass } },
    { required: ['run'], properties: { run: { required: ['agent'], properties: { agent: pass } } } },
  ];
  const needs = [...anywhere('prompt'), ...anywhere('workflow'), ...(type === 'code' ? passed : [])];
  return { ...kindRules(type), ...(type === 'split' ? { required: ['each'] } : {}), anyOf: needs };
}

function untypedRules(): SchemaObject {
  const group = kindRules('group');
  const exitOnly = { items: { required: ['exit'] } };
  const other = when({ anyOf: anywhere('workflow') }, kindRules('call'), {
    required: ['gate'],
    ...kindRules('gates'),
  });
  return when({ required: ['steps'] }, { properties: { ...group.properties, retry: exitOnly } }, other);
}

/** Another name of a key that is given too. */
function aliasRules(place: Place): SchemaObject {
  const aliases = keysOf(place).flatMap((key) => {
    const aliasOf = fieldOf(place, key)?.aliasOf;
    return aliasOf ? [[key, { properties: forbidden([aliasOf]) }] as const] : [];
  });
  return Object.fromEntries(aliases);
}

const gateKinds = keysOf('gate').filter((key) => key !== 'name');
const words = gateKinds.filter((kind) => fieldOf('gate', kind)?.type === 'none');

function gateSchema(): SchemaObject {
  return {
    title: placeNames.gate,
    anyOf: [{ type: 'string', enum: words }, ref('measure'), ref('validator')],
  };
}

function measureSchema(): SchemaObject {
  const kinds = gateKinds.filter((kind) => kind !== 'validate');
  const { title, ...place } = placeSchema('gate');
  return {
    title,
    ...place,
    properties: propertiesOf('gate', [...kinds, 'name']),
    ...onlyOne(kinds),
  };
}

/** Every other key is an input; `with` may hold more of them. */
function validatorSchema(): SchemaObject {
  return {
    title: 'a validator',
    type: 'object',
    required: ['validate'],
    properties: {
      ...propertiesOf('gate', ['validate', 'name']),
      with: when({ type: 'object' }, { anyOf: [ref('inputs'), ref('placeholder')] }, ref('input')),
    },
    propertyNames: valueDefinitions.inputs.propertyNames,
    additionalProperties: ref('input'),
  };
}

function retryRules(): SchemaObject {
  const { anyOf, dependencies } = onlyOne(keysWith('retry', 'condition'));
  const others = keysWith('retry', 'condition').filter((key) => key !== 'exit');
  return {
    anyOf,
    dependencies: {
      ...dependencies,
      exit: { properties: forbidden([...others, ...keysWith('retry', 'override')]) },
      with: ['validate'],
    },
  };
}

/** Exactly one of the keys: said of each by itself, because editors tell that better than `oneOf`. */
function onlyOne(keys: readonly string[]) {
  const others = (key: string) => keys.filter((other) => other !== key);
  return {
    anyOf: keys.map((key) => ({ required: [key] })),
    dependencies: Object.fromEntries(keys.map((key) => [key, { properties: forbidden(others(key)) }])),
  };
}
