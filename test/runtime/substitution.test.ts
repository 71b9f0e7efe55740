import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { render } from '../../src/template/render.ts';
import { shellQuote } from '../../src/template/shell-quote.ts';
import { planOf } from '../engine/given.ts';
import { hostileText } from '../template/hostile-text.ts';
import { open } from './given.ts';

/** The prompts of a run by step, where each agent answers with this text. */
async function promptsOf(plan: Plan, output: string): Promise<ReadonlyMap<string, string>> {
  const prompts = new Map<string, string>();
  const made = open(plan, {
    agent: ({ step, prompt, stepKind }) => {
      prompts.set(step, prompt);
      return { output: stepKind === 'validate' ? JSON.stringify({ pass: true, comments: output }) : output };
    },
  });
  expect((await made.run()).status).toBe('pass');
  return prompts;
}

const numRuns = 60;

describe('what a template puts in is what was stored', () => {
  it('an output, alone in its prompt, with all its white space', async () => {
    const plan = planOf(
      '  - {name: first, type: code, prompt: p, agent: claude}\n  - {name: second, type: code, prompt: "{first.output}", agent: claude}',
    );
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        fc.pre(text.trim() !== '');
        const prompt = (await promptsOf(plan, text)).get('second') ?? '';
        expect(prompt.startsWith(text)).toBe(true);
        expect(prompt.slice(text.length)).toMatch(/^\n{0,2}Work in the current directory/);
      }),
      { numRuns },
    );
  });

  it('a spec, and what is made of it on the way through two validators, scanned by none of them', async () => {
    const validators = {
      'v/outer':
        '  - name: judge\n    type: validate\n    prompt: "<{text}>"\n    agent: claude\n    gate: [{validate: v/inner, text: "[{text}]", braces: "{{text}}"}]',
      'v/inner': '  - {name: look, type: validate, prompt: "<{text}> {braces}", agent: claude}',
    };
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        fc.pre(text.trim() !== '');
        const plan = planOf(
          '  - {name: do, type: code, prompt: p, agent: claude, gate: [{validate: v/outer, text: "{spec}"}]}',
          { validators, spec: text },
        );
        const prompts = await promptsOf(plan, 'done');
        expect(prompts.get('do/outer/judge')).toContain(`<${plan.spec.text}>`);
        expect(prompts.get('do/outer/judge/inner/look')).toContain(`<[${plan.spec.text}]> {text}`);
      }),
      { numRuns },
    );
  });

  it('the comments of a verdict, and the error that they are', async () => {
    const plan = planOf(
      '  - {name: first, type: validate, prompt: p, agent: claude}\n  - {name: second, type: code, prompt: "<{first.output}>", agent: claude}',
    );
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        const prompt = (await promptsOf(plan, text)).get('second') ?? '';
        expect(prompt).toContain(`<${JSON.stringify({ pass: true, comments: text })}>`);
      }),
      { numRuns },
    );
  });
});

describe('a value in a command', () => {
  it('reaches the program byte for byte, whatever a shell would make of it', () => {
    const values = [
      ...fc.sample(hostileText, 40),
      ...[
        '$(touch pwned)',
        '`id`',
        '; rm -rf /',
        '&& x',
        "it's",
        '"',
        '\\',
        '*',
        '~',
        '-rf',
        '--',
        '!!',
        '\n',
        'a\r\nb',
        '$&',
        '%s',
        '',
      ],
    ].map((value) => value.toWellFormed());
    for (const value of values) {
      const command = render("printf '<%s>' {value}", () => value, { quote: shellQuote });
      const said = execFileSync('sh', ['-c', command], { encoding: 'utf8' });
      expect(said).toBe(`<${value.replaceAll('\0', '')}>`);
    }
  });
});
