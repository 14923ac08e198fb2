// One text for all texts that a nondeterministic collation takes to be equal: what hash tables and unique
// keys compare instead of asking the collator. It depends on the text and the collation only, so it may be
// stored, and holds until the library changes its order (as any index under ICU's).
//
// Text is taken apart into clusters (a character with its marks). A cluster is replaced by the first of its
// class: a table of the characters outside of CJK, sorted by the collator, finds it, with pairs of letters
// among them, since æ may be equal to ae. Where a language joins letters (Czech ch), clusters by themselves
// may say too much: the collator has the last word, and text that it tells apart from its replacement stays.

type Compare = (left: string, right: string) => number;

/** How many clusters a collation remembers the replacements of. */
const clustersMax = 65_536;
const firstIdeograph = 0x2e80;

export class CollationClasses {
  private readonly compare: Compare;
  private readonly numeric: boolean;
  private readonly known = new Map<string, string>();
  private table: readonly string[] | undefined;

  constructor(compare: Compare, { numeric }: Intl.CollatorOptions) {
    this.compare = compare;
    this.numeric = numeric === true;
  }

  representative(text: string): string {
    let replaced = '';
    for (const cluster of clustersOf(text)) replaced += this.replace(cluster);
    if (this.numeric) replaced = replaced.replace(/(?<!\d)0+(?=\d)/g, '');
    return this.compare(replaced, text) === 0 ? replaced : text.normalize('NFC');
  }

  private replace(cluster: string): string {
    const known = this.known.get(cluster);
    if (known !== undefined) return known;
    const first = this.firstOfClass(cluster);
    const parts = clustersOf(first);
    const replacement =
      parts.length < 2 ? first : parts.map((part) => this.firstOfClass(part)).join('');
    if (this.known.size < clustersMax) this.known.set(cluster, replacement);
    return replacement;
  }

  private firstOfClass(cluster: string): string {
    this.table ??= this.sortedCharacters();
    const { table, compare } = this;
    // Marks may be taken away with what they are on, or one by one.
    for (const candidate of [cluster, ...plainForms(cluster)]) {
      if (candidate !== cluster && compare(candidate, cluster) !== 0) continue;
      const place = lowerBound(table, candidate, compare);
      if (place < table.length && compare(table[place], cluster) === 0)
        return firstEqual(table, place, compare);
      if (candidate !== cluster) return candidate;
    }
    return cluster;
  }

  private sortedCharacters(): string[] {
    const { compare } = this;
    return [...new Set(['', ...letterPairs(), ...characters()])].toSorted(
      (left, right) => compare(left, right) || preference(left, right),
    );
  }
}

function clustersOf(text: string): string[] {
  return text.normalize('NFC').match(/\P{M}\p{M}*|\p{M}+/gu) ?? [];
}

function plainForms(cluster: string): string[] {
  const plain = cluster.normalize('NFKD').replace(/\p{M}/gu, '');
  const folded = plain.toUpperCase().toLowerCase().normalize('NFC');
  return [folded, plain, cluster.toUpperCase().toLowerCase(), cluster.normalize('NFKC')];
}

/** Of a class: nothing at all, then letters that are clusters of their own, then the lowest character. */
function preference(left: string, right: string): number {
  if (left === '' || right === '') return left.length - right.length;
  return right.length - left.length || (left < right ? -1 : 1);
}

function firstEqual(table: readonly string[], place: number, compare: Compare): string {
  let first = place;
  while (first > 0 && compare(table[first - 1], table[place]) === 0) first--;
  return table[first];
}

function lowerBound(table: readonly string[], text: string, compare: Compare): number {
  let low = 0;
  let high = table.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(table[middle], text) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* letterPairs(): Iterable<string> {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  for (const first of letters) for (const second of letters) yield first + second;
}

function* characters(): Iterable<string> {
  for (let code = 1; code < firstIdeograph; code++) {
    const character = String.fromCharCode(code);
    if (/\p{Assigned}/u.test(character)) yield character.normalize('NFC');
  }
  // Japanese syllables.
  for (let code = 0x3041; code < 0x3100; code++) yield String.fromCharCode(code);
}
