// Text by characters (code points), where JavaScript counts UTF-16 units. Text without surrogates,
// nearly all of it, takes the native path.

const surrogate = /[\ud800-\udfff]/;

export function hasSurrogates(text: string): boolean {
  return surrogate.test(text);
}

export function characterLength(text: string): number {
  if (!surrogate.test(text)) return text.length;
  let count = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit <= 0xdbff) count--;
  }
  return count;
}

/** The first `count` characters. */
export function firstCharacters(text: string, count: number): string {
  if (text.length <= count) return text;
  return text.slice(0, characterOffset(text, count));
}

/** Characters from..to, zero-based, the end not included; out of range is cut. */
export function sliceCharacters(text: string, from: number, to: number): string {
  if (!surrogate.test(text)) return text.slice(Math.max(0, from), Math.max(0, to));
  const start = characterOffset(text, Math.max(0, from));
  return text.slice(start, Math.max(start, characterOffset(text, Math.max(0, to))));
}

/** The UTF-16 offset of the n-th character, the text's length when it has fewer. */
export function characterOffset(text: string, characters: number): number {
  if (!surrogate.test(text)) return Math.min(characters, text.length);
  let offset = 0;
  for (let taken = 0; taken < characters && offset < text.length; taken++) {
    const unit = text.charCodeAt(offset);
    offset += unit >= 0xd800 && unit <= 0xdbff ? 2 : 1;
  }
  return offset;
}
