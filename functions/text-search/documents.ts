// Several texts as one document, as tsvector_update_trigger() takes them: places go on from text to text.

import { type Lexeme, TsVector } from '#common';
import { asVectorEntries, configurationByOid, lexemesOfText } from './configuration.ts';

export function documentVector(configurationOid: number, texts: readonly string[]): TsVector {
  const configuration = configurationByOid(configurationOid);
  const entries: Lexeme[] = [];
  let place = 0;
  for (const text of texts) {
    const { lexemes, lastPlace } = lexemesOfText(configuration, text, place);
    entries.push(...asVectorEntries(lexemes));
    place = lastPlace;
  }
  return TsVector.of(entries);
}
