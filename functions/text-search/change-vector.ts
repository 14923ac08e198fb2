// What functions make of a tsvector: other weights, fewer words, two of them one after the other.

import {
  ArrayValue,
  databaseError,
  type Datum,
  placeOf,
  positionMax,
  TsVector,
  TypeOid,
  weightOf,
} from '#common';

function weightNumber(letter: string): number {
  const weight = letter === '' ? -1 : 'DCBA'.indexOf(letter.toUpperCase());
  if (weight >= 0) return weight;
  throw databaseError('invalidParameterValue', `unrecognized weight: ${letter.charCodeAt(0) || 0}`);
}

function mapPositions(
  vector: TsVector,
  words: ReadonlySet<string> | undefined,
  change: (position: number) => number,
): TsVector {
  return new TsVector(
    vector.lexemes.map((lexeme) =>
      words !== undefined && !words.has(lexeme.word)
        ? lexeme
        : { word: lexeme.word, positions: lexeme.positions.map(change) },
    ),
  );
}

export function setWeight(vector: TsVector, letter: string, words?: ArrayValue): TsVector {
  const weight = weightNumber(letter);
  const chosen = words === undefined ? undefined : new Set(textsOf(words, false));
  return mapPositions(vector, chosen, (position) => (weight << 14) | placeOf(position));
}

export function textsOf(array: ArrayValue, strict: boolean): string[] {
  return array.elements.flatMap((element) => {
    if (element === null) {
      if (!strict) return [];
      throw databaseError('nullValueNotAllowed', 'lexeme array may not contain nulls');
    }
    if (strict && element === '') {
      throw databaseError(
        'zeroLengthCharacterString',
        'lexeme array may not contain empty strings',
      );
    }
    return [element as string];
  });
}

export function withoutWords(vector: TsVector, words: readonly string[]): TsVector {
  const gone = new Set(words);
  return new TsVector(vector.lexemes.filter(({ word }) => !gone.has(word)));
}

export function filtered(vector: TsVector, letters: ArrayValue): TsVector {
  const weights = new Set(
    letters.elements.map((letter) => {
      if (letter === null)
        throw databaseError('nullValueNotAllowed', 'weight array may not contain nulls');
      return weightNumber(letter as string);
    }),
  );
  const kept = vector.lexemes.map(({ word, positions }) => ({
    word,
    positions: positions.filter((position) => weights.has(weightOf(position))),
  }));
  return new TsVector(kept.filter(({ positions }) => positions.length > 0));
}

/** The right vector's places follow the left one's last. */
export function concatenated(left: TsVector, right: TsVector): TsVector {
  let last = 0;
  for (const { positions } of left.lexemes) {
    for (const position of positions) last = Math.max(last, placeOf(position));
  }
  const moved = mapPositions(
    right,
    undefined,
    (position) => (position & ~positionMax) | Math.min(placeOf(position) + last, positionMax),
  );
  return TsVector.of([...left.lexemes, ...moved.lexemes]);
}

const letters = 'DCBA';

export function* unnested(vector: TsVector): Iterable<Datum[]> {
  for (const { word, positions } of vector.lexemes) {
    if (positions.length === 0) yield [word, null, null];
    else {
      yield [
        word,
        ArrayValue.of(TypeOid.int2, positions.map(placeOf)),
        ArrayValue.of(
          TypeOid.text,
          positions.map((position) => letters[weightOf(position)]),
        ),
      ];
    }
  }
}
