// Work on texts of any length, piece by piece. JavaScript's own ways end the process instead of raising an
// error when a text of hundreds of megabytes has more matches or characters than an array can hold
// ("invalid size error"): split(), replace() of a pattern, spreading into characters, and += of each of
// them, which makes a rope of that many strings.

import { databaseError, type DatabaseError } from './errors.ts';
import { arrayElementsMax, stringLengthMax } from './limits.ts';

/** Up to this length, in UTF-16 units, JavaScript's own way is taken. */
const pieceLength = 1 << 20;
/** Nothing else runs meanwhile: more characters are not mapped, and more matches not replaced; 54000. */
const mappedLengthMax = 1 << 26;
const matchesMax = arrayElementsMax;

function tooLong(): DatabaseError {
  return databaseError('programLimitExceeded', 'requested length too large');
}

/** The pieces of a text, none of which ends within a character. */
function* piecesOf(text: string): Iterable<string> {
  let start = 0;
  while (start < text.length) {
    let end = Math.min(text.length, start + pieceLength);
    const last = text.charCodeAt(end - 1);
    if (last >= 0xd800 && last <= 0xdbff && end < text.length) end++;
    yield text.slice(start, end);
    start = end;
  }
}

/** What `map` makes of a text that it may be given in pieces; 54000 when it is too long. */
export function mapPieces(text: string, map: (piece: string) => string): string {
  if (text.length <= pieceLength) return map(text);
  if (text.length > mappedLengthMax) throw tooLong();
  const pieces: string[] = [];
  for (const piece of piecesOf(text)) pieces.push(map(piece));
  return pieces.join('');
}

/** text.replace() of a pattern that matches single characters by two, everywhere; 54000 when they are too many. */
export function doubleCharacters(text: string, pattern: RegExp, replacement: string): string {
  if (text.length <= pieceLength) return text.replace(pattern, replacement);
  const pieces: string[] = [];
  let matches = 0;
  for (const piece of piecesOf(text)) {
    const doubled = piece.replace(pattern, replacement);
    matches += doubled.length - piece.length;
    if (matches > matchesMax || text.length + matches > stringLengthMax) throw tooLong();
    pieces.push(doubled);
  }
  return pieces.join('');
}

/** In the order of its characters from the end. */
export function reverseText(text: string): string {
  if (text.length <= pieceLength) return [...text].toReversed().join('');
  if (text.length > mappedLengthMax) throw tooLong();
  return [...piecesOf(text)]
    .toReversed()
    .map((piece) => [...piece].toReversed().join(''))
    .join('');
}

/** text.replaceAll() of a text that is not empty; 54000 when the result is too long. */
export function replaceText(text: string, from: string, to: string): string {
  if (text.length <= pieceLength) return text.split(from).join(to);
  const whole: string[] = [];
  let parts: string[] = [];
  let length = 0;
  let matches = 0;
  let start = 0;
  for (let at = text.indexOf(from); at >= 0; at = text.indexOf(from, start)) {
    parts.push(text.slice(start, at), to);
    length += at - start + to.length;
    if (length > stringLengthMax || ++matches > matchesMax) throw tooLong();
    start = at + from.length;
    if (parts.length < pieceLength) continue;
    whole.push(parts.join(''));
    parts = [];
  }
  if (length + text.length - start > stringLengthMax) throw tooLong();
  parts.push(text.slice(start));
  return whole.join('') + parts.join('');
}

/** text.split(); an empty delimiter gives the characters. 54000 for more than an array may have. */
export function splitText(text: string, delimiter: string): string[] {
  if (text.length > arrayElementsMax) {
    let count = 1;
    if (delimiter === '') count = text.length;
    else {
      let at = text.indexOf(delimiter);
      while (at >= 0 && count <= arrayElementsMax) {
        count++;
        at = text.indexOf(delimiter, at + delimiter.length);
      }
    }
    if (count > arrayElementsMax) {
      throw databaseError(
        'programLimitExceeded',
        `array size exceeds the maximum allowed (${arrayElementsMax})`,
      );
    }
  }
  return delimiter === '' ? [...text] : text.split(delimiter);
}

/** The n-th field, from 1, or from the end, from -1; '' where there is none. */
export function fieldOf(text: string, delimiter: string, field: number): string {
  const size = delimiter.length;
  if (field > 0) {
    let start = 0;
    for (let number = 1; ; number++) {
      const end = text.indexOf(delimiter, start);
      if (number === field) return end < 0 ? text.slice(start) : text.slice(start, end);
      if (end < 0) return '';
      start = end + size;
    }
  }
  // Delimiters are found from the start, also where they could overlap.
  let count = 1;
  for (let at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, at + size)) count++;
  return field < -count ? '' : fieldOf(text, delimiter, count + field + 1);
}
