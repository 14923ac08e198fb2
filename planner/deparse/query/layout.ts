// Line breaks of printed queries. Texts are put together from parts, so a break is a mark until the whole is
// there: blanks before it go then, as PostgreSQL takes them away when it breaks a line.

/** A lone surrogate is in no text that a client can send. */
const lineMark = '\uD800';

export const indentStep = 8;
export const joinStep = 4;
export const variableStep = 4;

/** Nesting past this is indented less and less, as in PostgreSQL. */
const levelMax = 40;

/** A new line at a level of nesting, with some more blanks. */
export function newLine(level: number, blanks = 0): string {
  const indent =
    level < levelMax
      ? Math.max(level, 0)
      : (levelMax + Math.floor((level - levelMax) / (indentStep / 2))) % levelMax;
  return lineMark + ' '.repeat(indent + blanks);
}

export function startsWithLine(text: string): boolean {
  return text.startsWith(lineMark);
}

export function laidOut(text: string): string {
  return text.replaceAll(new RegExp(` *${lineMark}`, 'g'), '\n');
}
