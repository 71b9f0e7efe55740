import { expect, test } from 'vitest';
import { only, planOf } from '../engine/given.ts';
import { bench } from './fakes.ts';

test('a secret is in no event and no artifact, wherever it was said', async () => {
  const plan = planOf(
    `  - name: plan
    type: split
    prompt: p
    agent: claude
    each:
      - {name: do, type: code, prompt: p, agent: claude, gate: [test, {validate: validators/v}], retry: [{exit: 2}]}`,
    { validators: { 'validators/v': '  - {name: judge, type: validate, prompt: p, agent: claude}' } },
  );
  const made = bench(plan, {
    redact: (text) => text.replaceAll('TOKEN', '***'),
    gate: () => ({ status: 'fail', reason: 'printed TOKEN', log: 'log with TOKEN' }),
    agent: ({ stepKind, step }) => {
      if (stepKind === 'split')
        return { output: '[{"name":"a","description":"use TOKEN","files":["TOKEN.js"]}]' };
      if (stepKind === 'validate')
        return { output: '{"pass":false,"comments":"TOKEN","findings":[{"path":"TOKEN","body":"TOKEN"}]}' };
      return { output: `I found TOKEN in ${step}`, sessionId: 's', printed: '{"said":"TOKEN"}' };
    },
  });
  try {
    expect((await made.run()).status).toBe('fail');
    expect(made.ledger.text()).not.toContain('TOKEN');
    expect(made.ledger.text()).toContain('printed ***');
    expect(only(await made.events(), 'agent_completed').map(({ log }) => log)).toContain(
      'plan.a.do.1.agent.ndjson',
    );
    expect(made.ledger.artifacts.get('plan.a.do.1.agent.ndjson')).toBe('{"said":"***"}');
    expect(made.ledger.artifacts.size).toBeGreaterThan(0);
    expect([...made.ledger.artifacts].join('\n')).not.toContain('TOKEN');
  } finally {
    made.close();
  }
});
