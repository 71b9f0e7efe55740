/** What every attempt of a step would notice again is told at the first of them. */
import type { Stage } from './dependencies.ts';
import type { Recorder } from './recorder.ts';

export function noticeOnceBy(recorder: Recorder): Stage['noticeOnce'] {
  const told = new Set<string>();
  return async (step, message) => {
    const key = `${step}\n${message}`;
    if (told.has(key)) return;
    told.add(key);
    await recorder.emit({ type: 'notice', step, message });
  };
}
