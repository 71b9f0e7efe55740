import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentFamilies } from '../../src/agents/families.ts';
import { createAgentRegistry } from '../../src/agents/registry.ts';
import type { AgentAdapter } from '../../src/ports/agent.ts';
import { knownFamilies } from '../../src/workflow/agent-names.ts';

const adapter: AgentAdapter = { launch: () => Promise.reject(new Error('not launched here')) };
let searchPath: string;

beforeEach(async () => {
  searchPath = await mkdtemp(path.join(tmpdir(), 'gump-path-'));
});
afterEach(() => rm(searchPath, { recursive: true, force: true }));

async function install(command: string): Promise<void> {
  await writeFile(path.join(searchPath, command), '#!/bin/sh\n');
  await chmod(path.join(searchPath, command), 0o755);
}

describe('the registry of agents', () => {
  it('lets the scripted agent answer for every name', () => {
    const registry = createAgentRegistry({ scripted: adapter, searchPath });
    expect(registry.find('claude-opus')).toBe(adapter);
    expect(registry.find('nobody-knows')).toBe(adapter);
  });

  it('says how to install a program that is not there, and how to do without', () => {
    const found = createAgentRegistry({ scripted: null, searchPath }).find('claude-opus');
    expect(found).toEqual({
      problem: expect.stringContaining('`claude` is not on PATH'),
      hint: expect.stringContaining('npm install -g @anthropic-ai/claude-code'),
    });
    expect(found).toMatchObject({ hint: expect.stringContaining('--agent-script FILE') });
  });

  it('names the input of the Action where nobody types a command', () => {
    const find = (agent: string) =>
      createAgentRegistry({ scripted: null, searchPath, onRunner: true }).find(agent);
    expect(find('claude-opus')).toMatchObject({
      hint: expect.stringContaining('`agent-cli: claude-code@VERSION`'),
    });
    expect(find('claude-opus')).toMatchObject({ hint: expect.stringContaining('`agent-script`') });
    expect(find('cursor')).toMatchObject({ hint: expect.stringContaining('cursor.com/install') });
  });

  it('takes a file that nobody may execute for no program', async () => {
    await writeFile(path.join(searchPath, 'gemini'), 'text');
    const found = createAgentRegistry({ scripted: null, searchPath }).find('gemini-pro');
    expect(found).toMatchObject({ problem: expect.stringContaining('is not on PATH') });
  });

  it('gives the adapter of a family where its program is installed', async () => {
    const registry = createAgentRegistry({ scripted: null, agents: { claude: () => adapter }, searchPath });
    expect(registry.find('claude-opus')).toMatchObject({ hint: expect.stringContaining('install it') });
    await install('claude');
    expect(registry.find('claude-opus')).toBe(adapter);
  });

  it('tells an unknown family with the nearest known one', () => {
    const found = createAgentRegistry({ scripted: null, searchPath }).find('cloude-opus');
    expect(found).toMatchObject({
      problem: expect.stringContaining('the family `cloude` is not known'),
      hint: expect.stringContaining('did you mean claude?'),
    });
  });

  it('knows the families that workflows may name, and no other', () => {
    expect(agentFamilies.map((family) => family.name)).toEqual(knownFamilies);
  });

  it('is not deceived by names of Object.prototype', () => {
    const registry = createAgentRegistry({ scripted: null, agents: {}, searchPath });
    expect(registry.find('constructor')).toMatchObject({ problem: expect.stringContaining('not known') });
  });

  it.each([
    ['claude-opus', 'claude'],
    ['claude', 'claude'],
    ['gemini-2.5-pro', 'gemini'],
    ['my-agent', 'my'],
  ])('puts %s into the family %s', (agent, family) => {
    expect(createAgentRegistry({ scripted: null, searchPath }).family(agent)).toBe(family);
  });
});
