// Pseudo-text of the specification (4.2.2.14): sentences of a small grammar fill a pool once, and every
// comment is a random piece of it. The specification's pool has 300 MB; 16 MB give lineitem at scale 1
// more distinct comments than it has rows, at a tenth of the start-up time.

import { RandomStream } from './random-stream.ts';
import {
  adjectives,
  adverbs,
  auxiliaries,
  nouns,
  prepositions,
  terminators,
  verbs,
} from './word-lists.ts';

const poolBytes = 16 << 20;

/** Written as ASCII; `bytes.length` is the pool's size. */
export function makeTextPool(seed: number): Uint8Array {
  const random = new RandomStream(seed);
  const bytes = Buffer.alloc(poolBytes);
  let position = 0;
  while (position < poolBytes) position += bytes.write(`${sentence(random)} `, position, 'latin1');
  return bytes;
}

function sentence(random: RandomStream): string {
  return `${sentenceBody(random)}${random.pick(terminators)}`;
}

function sentenceBody(random: RandomStream): string {
  const noun = (): string => nounPhrase(random);
  const verb = (): string => verbPhrase(random);
  const preposition = (): string => `${random.pick(prepositions)} the ${nounPhrase(random)}`;
  switch (random.between(0, 9)) {
    case 0:
    case 1:
    case 2:
      return `${noun()} ${verb()}`;
    case 3:
    case 4:
    case 5:
      return `${noun()} ${verb()} ${preposition()}`;
    case 6:
    case 7:
      return `${noun()} ${verb()} ${noun()}`;
    case 8:
      return `${noun()} ${preposition()} ${verb()} ${noun()}`;
    default:
      return `${noun()} ${preposition()} ${verb()} ${preposition()}`;
  }
}

function nounPhrase(random: RandomStream): string {
  switch (random.between(0, 9)) {
    case 0:
    case 1:
      return random.pick(nouns);
    case 2:
    case 3:
    case 4:
    case 5:
      return `${random.pick(adjectives)} ${random.pick(nouns)}`;
    case 6:
      return `${random.pick(adjectives)}, ${random.pick(adjectives)} ${random.pick(nouns)}`;
    default:
      return `${random.pick(adverbs)} ${random.pick(adjectives)} ${random.pick(nouns)}`;
  }
}

function verbPhrase(random: RandomStream): string {
  switch (random.between(0, 3)) {
    case 0:
      return random.pick(verbs);
    case 1:
      return `${random.pick(auxiliaries)} ${random.pick(verbs)}`;
    case 2:
      return `${random.pick(verbs)} ${random.pick(adverbs)}`;
    default:
      return `${random.pick(auxiliaries)} ${random.pick(verbs)} ${random.pick(adverbs)}`;
  }
}
