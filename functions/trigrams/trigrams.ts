// Trigrams as pg_trgm makes them: of each word (letters and digits) in lower case, with two blanks before
// it and one behind.

export interface PlacedTrigram {
  readonly trigram: string;
  readonly startsWord: boolean;
  readonly endsWord: boolean;
}

const wordPattern = /[\p{L}\p{N}\p{M}]+/gu;

/** In the order of the text. */
export function placedTrigrams(text: string): PlacedTrigram[] {
  const found: PlacedTrigram[] = [];
  for (const [word] of text.toLowerCase().matchAll(wordPattern)) {
    const characters = [' ', ' ', ...word, ' '];
    const last = characters.length - 3;
    for (let at = 0; at <= last; at++) {
      const trigram = characters.slice(at, at + 3).join('');
      found.push({ trigram, startsWord: at === 0, endsWord: at === last });
    }
  }
  return found;
}

export function trigramsOf(text: string): Set<string> {
  return new Set(placedTrigrams(text).map(({ trigram }) => trigram));
}

/** Trigrams that every text has which the pattern of LIKE matches. */
export function likeTrigrams(pattern: string): Set<string> {
  const found = new Set<string>();
  for (const { characters, isStart, isEnd } of literalRuns(pattern)) {
    const text = characters.join('').toLowerCase();
    for (const match of text.matchAll(wordPattern)) {
      const word = [...match[0]];
      const from = match.index;
      const to = from + match[0].length;
      const padded = [
        ...(from > 0 || isStart ? [' ', ' '] : []),
        ...word,
        ...(to < text.length || isEnd ? [' '] : []),
      ];
      for (let at = 0; at + 3 <= padded.length; at++) found.add(padded.slice(at, at + 3).join(''));
    }
  }
  return found;
}

interface LiteralRun {
  readonly characters: string[];
  /** The run is where the text begins or ends. */
  readonly isStart: boolean;
  isEnd: boolean;
}

function literalRuns(pattern: string): LiteralRun[] {
  const runs: LiteralRun[] = [];
  let run: LiteralRun | undefined = { characters: [], isStart: true, isEnd: false };
  runs.push(run);
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at++) {
    let character = characters[at];
    if (character === '%' || character === '_') {
      run = undefined;
      continue;
    }
    if (character === '\\') character = characters[++at] ?? '';
    if (run === undefined) {
      run = { characters: [], isStart: false, isEnd: false };
      runs.push(run);
    }
    run.characters.push(character);
  }
  if (run !== undefined) run.isEnd = true;
  return runs;
}
