// Text order: UTF-8 bytes, as PostgreSQL has it under C.UTF-8. JavaScript's own `<` compares UTF-16
// units, which differs only when surrogates (code points above U+FFFF) meet U+E000..U+FFFF.

/** Three-way comparison by code points, which is the order of UTF-8 bytes. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const length = left.length < right.length ? left.length : right.length;
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) {
      // Surrogates stand for code points above all other units.
      if (a >= 0xd800 && b >= 0xd800) return codeUnitRank(a) - codeUnitRank(b);
      return a - b;
    }
  }
  return left.length - right.length;
}

function codeUnitRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** char(n): trailing blanks do not count. */
export function compareBlankPadded(left: string, right: string): number {
  return compareText(trimTrailingBlanks(left), trimTrailingBlanks(right));
}

export function trimTrailingBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 32) end--;
  return end === text.length ? text : text.slice(0, end);
}

export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = left.length < right.length ? left.length : right.length;
  for (let index = 0; index < length; index++) {
    const difference = left[index] - right[index];
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
