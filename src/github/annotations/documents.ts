/** Reports that a log holds whole: found, read, and taken out of it, so that no line of theirs is read twice. */
import { limits } from '../../limits.ts';
import { record, text } from '../json-value.ts';
import { placesOfJson } from './json-formats.ts';
import type { Place } from './reader.ts';
import { placesOfXml } from './xml-formats.ts';

export interface Documents {
  readonly places: readonly Place[];
  /** The log without them. */
  readonly rest: string;
}

/** @param log cleaned: without escape sequences, lines ending with `\n`. */
export function readDocuments(log: string): Documents {
  const xml = withoutXml(log);
  const lines = withoutJsonLines(xml.rest);
  const json = withoutJson(lines.rest);
  return { places: [...xml.places, ...lines.places, ...json.places], rest: json.rest };
}

const xmlStart = /^[ \t]{0,80}(?:<\?xml[^>]{0,200}\?>\s{0,10})?<(?:testsuites?|checkstyle)[\s>]/m;

function withoutXml(log: string): Documents {
  const places: Place[] = [];
  const kept: string[] = [];
  let left = log;
  for (let count = 0; count < limits.logDocumentsMax; count++) {
    const start = left.search(xmlStart);
    if (start < 0) break;
    const read = placesOfXml(left.slice(start).trimStart());
    const gap = left.slice(start).length - left.slice(start).trimStart().length;
    places.push(...read.places);
    kept.push(left.slice(0, start));
    left = left.slice(start + gap + read.end);
  }
  return { places, rest: [...kept, left].join('\n') };
}

/** Messages of cargo, one a line; and go test's, whose output is read as it would have been printed. */
function withoutJsonLines(log: string): Documents {
  if (!/^[{[]"?/m.test(log)) return { places: [], rest: log };
  const places: Place[] = [];
  const rest = log.split('\n').flatMap((line) => {
    const document = /^[[{].*[}\]]$/.test(line) ? parsed(line) : undefined;
    if (document === undefined) return [line];
    const printed = record(document).Action === 'output' ? text(record(document).Output) : null;
    if (printed !== null) return [printed.replace(/\n$/, '')];
    if (typeof record(document).Action === 'string') return [];
    const found = placesOfJson(document);
    places.push(...(found ?? []));
    return found ? [] : [line];
  });
  return { places, rest: rest.join('\n') };
}

/** A document over many lines begins and ends with a bracket in the first column. */
function withoutJson(log: string): Documents {
  const lines = log.split('\n');
  const ends = lines.flatMap((line, at) => (/^[}\]]/.test(line) ? [at] : []));
  const starts = lines.flatMap((line, at) => (/^(?:[{[]$|\[\{|\{\s*")/.test(line) ? [at] : []));
  for (const start of starts.slice(0, limits.logDocumentsMax)) {
    // The last end first: what is inside of a document may begin a line too.
    for (const end of ends
      .filter((at) => at > start)
      .slice(-2)
      .reverse()) {
      const document = parsed(lines.slice(start, end + 1).join('\n'));
      const places = document === undefined ? null : placesOfJson(document);
      if (places) return { places, rest: [...lines.slice(0, start), ...lines.slice(end + 1)].join('\n') };
    }
  }
  return { places: [], rest: log };
}

function parsed(source: string): unknown {
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
