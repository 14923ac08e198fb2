// The template language of to_char, to_timestamp and to_date: splitting a template into fields and
// literal text, with the modifiers FM, TH, th and TM. Templates are cached.

export type DateField =
  | 'HH12'
  | 'HH24'
  | 'MI'
  | 'SS'
  | 'MS'
  | 'US'
  | 'FF1'
  | 'FF2'
  | 'FF3'
  | 'FF4'
  | 'FF5'
  | 'FF6'
  | 'SSSS'
  | 'AM'
  | 'A.M.'
  | 'Y,YYY'
  | 'YYYY'
  | 'YYY'
  | 'YY'
  | 'Y'
  | 'IYYY'
  | 'IYY'
  | 'IY'
  | 'I'
  | 'BC'
  | 'B.C.'
  | 'MONTH'
  | 'MON'
  | 'MM'
  | 'DAY'
  | 'DY'
  | 'DDD'
  | 'IDDD'
  | 'DD'
  | 'D'
  | 'ID'
  | 'W'
  | 'WW'
  | 'IW'
  | 'CC'
  | 'J'
  | 'Q'
  | 'RM'
  | 'TZ'
  | 'TZH'
  | 'TZM'
  | 'OF';

export interface TemplateField {
  readonly kind: 'field';
  readonly field: DateField;
  /** As written: "Month", "MONTH", "month" ask for different cases. */
  readonly written: string;
  /** FM: no padding. */
  readonly fill: boolean;
  /** TH or th: an English ordinal suffix. */
  readonly ordinal: 'TH' | 'th' | undefined;
}

export interface TemplateText {
  readonly kind: 'text';
  readonly text: string;
  /** Blank or punctuation outside of quotes: to_timestamp matches it loosely. */
  readonly separator: boolean;
}

export type TemplatePart = TemplateField | TemplateText;

export interface DateTemplate {
  readonly parts: readonly TemplatePart[];
  /** FX: to_timestamp matches exactly. */
  readonly exact: boolean;
}

/** Keywords as PostgreSQL spells them, the longer ones first; lower case is accepted for most. */
const keywords: readonly (readonly [written: string, field: DateField])[] = [
  ['SSSSS', 'SSSS'],
  ['SSSS', 'SSSS'],
  ['Y,YYY', 'Y,YYY'],
  ['MONTH', 'MONTH'],
  ['Month', 'MONTH'],
  ['month', 'MONTH'],
  ['HH24', 'HH24'],
  ['HH12', 'HH12'],
  ['IDDD', 'IDDD'],
  ['IYYY', 'IYYY'],
  ['YYYY', 'YYYY'],
  ['A.M.', 'A.M.'],
  ['P.M.', 'A.M.'],
  ['a.m.', 'A.M.'],
  ['p.m.', 'A.M.'],
  ['A.D.', 'B.C.'],
  ['B.C.', 'B.C.'],
  ['a.d.', 'B.C.'],
  ['b.c.', 'B.C.'],
  ['DAY', 'DAY'],
  ['Day', 'DAY'],
  ['day', 'DAY'],
  ['DDD', 'DDD'],
  ['FF1', 'FF1'],
  ['FF2', 'FF2'],
  ['FF3', 'FF3'],
  ['FF4', 'FF4'],
  ['FF5', 'FF5'],
  ['FF6', 'FF6'],
  ['IYY', 'IYY'],
  ['MON', 'MON'],
  ['Mon', 'MON'],
  ['mon', 'MON'],
  ['TZH', 'TZH'],
  ['TZM', 'TZM'],
  ['YYY', 'YYY'],
  ['AD', 'BC'],
  ['BC', 'BC'],
  ['ad', 'BC'],
  ['bc', 'BC'],
  ['AM', 'AM'],
  ['PM', 'AM'],
  ['am', 'AM'],
  ['pm', 'AM'],
  ['CC', 'CC'],
  ['DD', 'DD'],
  ['DY', 'DY'],
  ['Dy', 'DY'],
  ['dy', 'DY'],
  ['HH', 'HH12'],
  ['ID', 'ID'],
  ['IW', 'IW'],
  ['IY', 'IY'],
  ['MI', 'MI'],
  ['MM', 'MM'],
  ['MS', 'MS'],
  ['OF', 'OF'],
  ['RM', 'RM'],
  ['rm', 'RM'],
  ['SS', 'SS'],
  ['TZ', 'TZ'],
  ['tz', 'TZ'],
  ['US', 'US'],
  ['WW', 'WW'],
  ['YY', 'YY'],
  ['D', 'D'],
  ['I', 'I'],
  ['J', 'J'],
  ['Q', 'Q'],
  ['W', 'W'],
  ['Y', 'Y'],
];

/** Keywords whose case is part of their meaning; the others may be written in lower case too. */
const caseMatters = new Set(['MONTH', 'MON', 'DAY', 'DY', 'AM', 'A.M.', 'BC', 'B.C.', 'RM', 'TZ']);

const cacheEntriesMax = 200;
const cache = new Map<string, DateTemplate>();

export function dateTemplate(text: string): DateTemplate {
  let template = cache.get(text);
  if (template === undefined) {
    template = parseTemplate(text);
    if (cache.size >= cacheEntriesMax) cache.clear();
    cache.set(text, template);
  }
  return template;
}

function parseTemplate(text: string): DateTemplate {
  const parts: TemplatePart[] = [];
  let exact = false;
  let i = 0;
  while (i < text.length) {
    const prefix = /^(?:FM|fm|TM|tm|FX|fx)+/.exec(text.slice(i, i + 12))?.[0] ?? '';
    const keyword = keywordAt(text, i + prefix.length);
    if (prefix !== '' && (keyword !== undefined || /fx/i.test(prefix))) {
      if (/fx/i.test(prefix)) exact = true;
      if (keyword === undefined) {
        i += prefix.length;
        continue;
      }
    }
    if (keyword !== undefined) {
      i += prefix.length + keyword[0].length;
      const ordinal = /^(?:TH|th)/.exec(text.slice(i, i + 2))?.[0] as 'TH' | 'th' | undefined;
      if (ordinal !== undefined) i += 2;
      const written = text.slice(i - keyword[0].length - (ordinal === undefined ? 0 : 2), i);
      const fill = /fm/i.test(prefix);
      parts.push({ kind: 'field', field: keyword[1], written, fill, ordinal });
      continue;
    }
    i = literalAt(text, i, parts);
  }
  return { parts, exact };
}

function keywordAt(text: string, at: number): readonly [string, DateField] | undefined {
  for (const keyword of keywords) {
    const [word, field] = keyword;
    if (text.startsWith(word, at)) return keyword;
    if (!caseMatters.has(field) && text.startsWith(word.toLowerCase(), at)) return keyword;
  }
  return undefined;
}

/** A quoted string, an escaped character or one character of plain text; returns where it ends. */
function literalAt(text: string, start: number, parts: TemplatePart[]): number {
  let i = start;
  if (text[i] === '"') {
    let quoted = '';
    for (i++; i < text.length && text[i] !== '"'; i++) {
      if (text[i] === '\\' && i + 1 < text.length) i++;
      quoted += text[i];
    }
    parts.push({ kind: 'text', text: quoted, separator: false });
    return i + 1;
  }
  if (text[i] === '\\' && text[i + 1] === '"') i++;
  const character = String.fromCodePoint(text.codePointAt(i)!);
  const separator = /^[!-/:-@[-`{-~\s]$/.test(character);
  parts.push({ kind: 'text', text: character, separator });
  return i + character.length;
}
