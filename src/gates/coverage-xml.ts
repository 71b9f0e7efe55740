/** Coverage reports in XML: Cobertura's, Clover's and JaCoCo's. No entity is expanded, no document type is fetched. Pure. */
import sax, { type Tag } from 'sax';
import { limits } from '../limits.ts';
import { counted, percentage, type Reading } from './coverage-value.ts';

/** Reads as much of the document as is needed. */
export function coverageOfXml(text: string): Reading {
  const search = createSearch();
  const parser = sax.parser(true);
  let depth = 0;
  parser.onopentag = (tag) => {
    if (depth++ >= limits.xmlDepthMax)
      search.end({ problem: `its elements are nested deeper than ${limits.xmlDepthMax} levels` });
    else search.open(tag as Tag, depth);
  };
  parser.onclosetag = () => {
    depth--;
  };
  parser.onerror = (error) => search.end({ problem: `it is no XML (${error.message.split('\n')[0]})` });
  for (let start = 0; start < text.length && !search.ended(); start += chunkCharacters) {
    parser.write(text.slice(start, start + chunkCharacters));
  }
  if (!search.ended()) parser.close();
  return search.found();
}

/** A report may be ended early: Cobertura's numbers stand in its first element. */
const chunkCharacters = 64 * 1024;

function createSearch() {
  let root = '';
  let reading: Reading = null;
  let isEnded = false;
  const end = (how: Reading) => {
    if (isEnded) return;
    isEnded = true;
    reading = how;
  };
  return {
    end,
    ended: () => isEnded,
    found: () => reading,
    open: ({ name, attributes }: Tag, depth: number) => {
      if (isEnded) return;
      if (depth === 1) root = name;
      if (depth === 1 && name === 'coverage' && !('clover' in attributes)) end(ofCobertura(attributes));
      else if (depth === 3 && root === 'coverage' && name === 'metrics') end(ofClover(attributes));
      else if (depth === 1 && name !== 'report' && name !== 'coverage') end(null);
      // The sums of the whole report are its own children; those of packages and classes stand deeper.
      else if (depth === 2 && root === 'report' && name === 'counter')
        reading = ofCounter(attributes) ?? reading;
    },
  };
}

type Attributes = Readonly<Record<string, string>>;

/** @source cobertura coverage-04.dtd; coverage.py 6.5, istanbul-reports 3.2, coverlet 6 (2026-11) */
function ofCobertura(attributes: Attributes): Reading {
  const { 'lines-covered': covered, 'lines-valid': valid, 'line-rate': rate } = attributes;
  if (covered !== undefined && valid !== undefined) return counted(number(covered), number(valid), 'lines');
  return rate === undefined ? null : percentage(number(rate) * 100);
}

/** The first `metrics` are those of the project. @source istanbul-reports 3.2 (2026-11) */
function ofClover({ statements, coveredstatements }: Attributes): Reading {
  return counted(number(coveredstatements), number(statements), 'statements');
}

/** @source JaCoCo report.dtd 1.1 */
function ofCounter({ type, covered, missed }: Attributes): Reading {
  if (type !== 'LINE') return null;
  return counted(number(covered), number(covered) + number(missed), 'lines');
}

function number(text: string | undefined): number {
  return text === undefined || text.trim() === '' ? Number.NaN : Number(text);
}
