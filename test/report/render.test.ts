import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../src/events/event.ts';
import { escapeLine } from '../../src/report/escape.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { summarize } from '../../src/report/summarize.ts';
import { renderText } from '../../src/report/text.ts';
import { record } from '../events/record.ts';
import {
  condition,
  ended,
  gate,
  referenceRun,
  retry,
  runCompleted,
  runStarted,
  taskStarted,
  tasks,
  updated,
  worked,
} from './facts.ts';
import { implementSpec, makeNode, makePlan } from './plan.ts';

const of = (facts: readonly Fact[]) => summarize(implementSpec(), record(facts));
const reference = of(referenceRun());
const html = (markdown: string) => new MarkdownIt({ html: true, linkify: true }).render(markdown);

const evil = [
  'boom | <img src=x onerror=alert(1)> <!-- gump:status issue-1 --> @octocat fixes #12 and o/r#3, GH-7',
  '```',
  '</details><script>alert(2)</script>',
  '![p](https://evil.example/p.png) [l](javascript:x) https://evil.example www.evil.example \x1b[31m\u202e',
].join('\n');

const asked = summarize(
  makePlan([makeNode('do')]),
  record([
    ...[runStarted(), ...worked('do', 'x'), ...gate('do', 'test ✗')],
    ...[...condition('do', 'retry.is-flaky', false), ...condition('do', 'retry.is-stuck', true)],
    ...[
      retry('do', 2, { agent: 'y' }),
      ...worked('do', 'y', { attempt: 2 }),
      ended('do', 'pass', { attempt: 2 }),
    ],
  ]),
);

test('who was asked about a failed attempt stands below it, with verdict, words and cost', () => {
  expect(renderText(asked)).toContain(`
      ✗  1  x  6s  $1.00  test ✗
        no
        retry condition is-flaky ✗ does not apply: so  0.0s  $0.25
        retry condition is-stuck ✓ applies: so  0.0s  $0.25
      ✓  2  y`);
  const page = renderMarkdown(asked);
  expect(page).toContain('\n| ✗ |  | do | 1 | x | test ✗ | 6s | $1.00 |\n');
  expect(page).toContain(
    '\n|  |  | do | 1 |  | retry condition is-flaky ✗ does not apply: so | 0.0s | $0.25 |\n',
  );
  expect(JSON.parse(renderJson(asked)).steps[0].attempts[0].conditions).toMatchObject([
    { name: 'is-flaky', status: 'fail', costUsd: 0.25 },
    { name: 'is-stuck', status: 'pass', costUsd: 0.25 },
  ]);
});

describe('text', () => {
  test('the reference run reads as a page', () => {
    expect(renderText(reference)).toBe(`Run r1: pass
  workflow  implement-spec
  spec      spec.md
  started   2026-11-23T12:00:00.000Z
  duration  12m34s
  cost      $8.42 of $20.00  (0 tokens in, 0 out)
  commit    c1

Tasks
  ✓  build/task-1  greeting
  –  build/task-2  farewell
  –  build/task-3  cli

Steps
  ✓  decompose  $0.50
      ✓  1  claude-opus  6s  $0.50  schema ✓
  ✓  build/task-1/converge  $1.50
      ✗  1  claude-sonnet  15s  $0.75  compile ✓  test ✓  review ✗
        no
      ✓  2  claude-sonnet  15s  $0.75  compile ✓  test ✓  review ✓
  ✓  build/task-1/smoke  $0.50
      ✓  1  claude-sonnet  8s  $0.50  compile ✓  test ✓
  ✓  quality  $0.00
      ✓  1  7s  $0.00  compile ✓  lint ✓  test ✓
`);
  });

  test('text of agents stays on its line', () => {
    const text = renderText(of([...worked('quality', 'x'), ended('quality', 'fail', { reason: evil })]));
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(text.split('\n').filter((line) => line.includes('</details>'))).toEqual([]);
  });
});

describe('json', () => {
  test('it is the summary, and nothing is lost on the way', () => {
    expect(JSON.parse(renderJson(reference))).toEqual(reference);
  });
});

describe('markdown', () => {
  test('every attempt has its row with task, step, agent, gates, time and money', () => {
    const rows = renderMarkdown(reference)
      .split('\n')
      .filter((line) => line.startsWith('| '));
    expect(rows.slice(1)).toEqual([
      '| ✓ |  | decompose | 1 | claude-opus | schema ✓ | 6s | $0.50 |',
      '| ✗ | build/task-1 greeting | converge | 1 | claude-sonnet | compile ✓  test ✓  review ✗ | 15s | $0.75 |',
      '| ✓ | build/task-1 greeting | converge | 2 | claude-sonnet | compile ✓  test ✓  review ✓ | 15s | $0.75 |',
      '| ✓ | build/task-1 greeting | smoke | 1 | claude-sonnet | compile ✓  test ✓ | 8s | $0.50 |',
      '| ✓ |  | quality | 1 |  | compile ✓  lint ✓  test ✓ | 7s | $0.00 |',
    ]);
  });

  test('it begins with how the run ended and names cost, budget and agents', () => {
    const lines = renderMarkdown(reference).split('\n');
    expect(lines[0]).toBe('## ✓ implement-spec: pass');
    expect(lines[2]).toContain('12m34s · $8.42 of $20.00');
    expect(lines[2]).toContain('claude-opus, claude-sonnet');
  });

  test('the timeline has a bar per attempt, each within the run', () => {
    const rows = renderMarkdown(reference)
      .split('\n')
      .filter((line) => line.includes('█'));
    expect(rows).toHaveLength(5);
    expect(rows[0]).toMatch(/^decompose 1 {14}█+·+ {2}6s$/);
    for (const row of rows) expect(/([·█]+)/.exec(row)?.[1]).toHaveLength(40);
  });

  test('what nothing measured stands above the steps', () => {
    const markdown = renderMarkdown(of([runStarted(), ...worked('quality', 'x'), ended('quality', 'pass')]));
    expect(markdown.indexOf('### Not checked')).toBeGreaterThan(0);
    expect(markdown.indexOf('### Not checked')).toBeLessThan(markdown.indexOf('### Steps'));
    expect(markdown).toContain('- quality: no gate measured its change.');
  });

  test('text of agents is shown and does nothing: no tag, picture, link, mention, reference or mark', () => {
    const markdown = renderMarkdown(
      of([
        runStarted({ workflow: evil, spec_origin: evil }),
        updated('decompose', { tasks: tasks(evil) }),
        taskStarted('decompose', evil, 1),
        ...worked(`decompose/${evil}/converge`, evil),
        ...worked('quality', evil),
        ...gate('quality', 'test ✗', 1, evil),
        ended('quality', 'fail', { reason: evil }),
        { type: 'notice', message: evil },
        runCompleted({ status: 'fail', reason: evil }),
      ]),
    );
    const rendered = html(markdown);
    const tags = new Set([...rendered.matchAll(/<([a-z0-9]+)/g)].map((match) => match[1]));
    const own = [
      'h2',
      'h3',
      'p',
      'strong',
      'table',
      'thead',
      'tbody',
      'tr',
      'th',
      'td',
      'ul',
      'li',
      'pre',
      'code',
      'details',
      'summary',
    ];
    expect([...tags].filter((tag) => !own.includes(tag ?? ''))).toEqual([]);
    expect(markdown).not.toContain('<!--');
    const outsideCode = rendered.replace(/<code[^>]*>[\s\S]*?<\/code>/g, '');
    expect(outsideCode).toContain('boom');
    expect(outsideCode).not.toMatch(/@[a-z]|#\d|gh-\d|https?:\/\/|www\./i);
    expect(rendered.match(/<details>/g)?.length).toBe(rendered.match(/<\/details>/g)?.length);
    expect(markdown).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/);
  });

  test.each([
    '- item',
    '+ item',
    '# title',
    '1. item',
    '> quote',
    '=== under',
    '~~~',
    '| cell |',
    '    code',
  ])('the line %j stays a sentence', (text) => {
    expect(html(escapeLine(text))).toMatch(/^<p>[^<]*<\/p>\n$/);
  });

  test('what is too long is cut by whole lines, with nothing left open and the rest counted', () => {
    const facts = Array.from({ length: 30 }, (_, i) => [
      ...worked('quality', 'x', { attempt: i + 1 }),
      ...gate('quality', 'test ✗', i + 1, `${'✗ long line\n'.repeat(40)}\`\`\`\`\n`),
    ]).flat();
    const summary = of([runStarted(), ...facts]);
    const whole = renderMarkdown(summary);
    for (let bytesMax = 400; bytesMax < Buffer.byteLength(whole) + 200; bytesMax += 97) {
      const cut = renderMarkdown(summary, { bytesMax });
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytesMax);
      if (cut === whole) continue;
      expect(cut).toMatch(/… \d+ more lines are left out\.\n$/);
      const rendered = html(cut);
      expect(rendered.match(/<details>/g)?.length).toBe(rendered.match(/<\/details>/g)?.length);
      expect(rendered).toMatch(/<p>… \d+ more lines are left out\.<\/p>\n$/);
    }
    expect(renderMarkdown(summary, { bytesMax: 10_000_000 })).toBe(whole);
  });
});
