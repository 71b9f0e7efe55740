import { describe, expect, it } from 'vitest';
import { claude } from '../../src/agents/claude.ts';
import type { CliOrder } from '../../src/agents/cli.ts';

const order: CliOrder = {
  model: null,
  stepKind: 'validate',
  access: 'read-only',
  session: null,
  newSession: 'new',
  home: '/home/run',
  schema: null,
  models: null,
  isIsolated: true,
};

describe('Claude Code', () => {
  it('as a judge reads no settings, hooks and servers that the tree brings', () => {
    for (const access of ['read-only', 'none'] as const)
      expect(claude.args({ ...order, access }).join(' ')).toContain(
        '--setting-sources user --strict-mcp-config',
      );
  });

  it('as a coder reads what the project says', () => {
    const args = claude.args({ ...order, stepKind: 'code', access: 'read-write' });
    expect(args).not.toContain('--setting-sources');
  });
});
