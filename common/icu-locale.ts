// ICU's names of locales, in their old form (de@collation=phonebook;colNumeric=yes) and as BCP 47 tags
// (de-u-co-phonebk-kn), as collators of Intl. What Intl cannot say (variable tops, reorderings) is left out.

export interface IcuCollator {
  readonly tag: string;
  readonly options: Intl.CollatorOptions;
}

/** Attributes by their old names, and by the keys of BCP 47. */
const attributeKeys: Readonly<Record<string, string>> = {
  collation: 'co',
  colstrength: 'ks',
  colcaselevel: 'kc',
  colcasefirst: 'kf',
  colalternate: 'ka',
  colnumeric: 'kn',
  colbackwards: 'kb',
  colnormalization: 'kk',
};

const collationTypes: Readonly<Record<string, string>> = {
  phonebook: 'phonebk',
  traditional: 'trad',
  dictionary: 'dict',
  big5han: 'big5han',
};

const strengths: Readonly<Record<string, 'base' | 'accent' | 'variant'>> = {
  primary: 'base',
  level1: 'base',
  secondary: 'accent',
  level2: 'accent',
  tertiary: 'variant',
  level3: 'variant',
  quaternary: 'variant',
  level4: 'variant',
  identical: 'variant',
  identic: 'variant',
};

/** The collator that an ICU locale describes. Throws a RangeError for attributes with no such value. */
export function icuCollator(locale: string): IcuCollator {
  const { language, attributes } = parseLocale(locale);
  const truth = (key: string): boolean => {
    const value = attributes.get(key);
    if (value === undefined || value === 'no' || value === 'false') return false;
    if (value === 'yes' || value === 'true' || value === '') return true;
    throw new RangeError(`${key}=${value}`);
  };
  const strength = attributes.get('ks') ?? 'tertiary';
  if (!Object.hasOwn(strengths, strength)) throw new RangeError(`ks=${strength}`);
  const sensitivity = strengths[strength];
  const caseFirst = attributes.get('kf') ?? 'false';
  if (!['upper', 'lower', 'no', 'false'].includes(caseFirst)) throw new RangeError(caseFirst);
  const alternate = attributes.get('ka');
  if (alternate !== undefined && !['shifted', 'noignore', 'non-ignorable'].includes(alternate))
    throw new RangeError(alternate);
  const type = attributes.get('co');
  // French of Canada is the language whose accents count from the end.
  const base = truth('kb') ? 'fr-CA' : language;
  return {
    tag: type === undefined ? base : `${base}-u-co-${collationTypes[type] ?? type}`,
    options: {
      sensitivity: sensitivity === 'base' && truth('kc') ? 'case' : sensitivity,
      numeric: truth('kn'),
      caseFirst: caseFirst === 'upper' || caseFirst === 'lower' ? caseFirst : 'false',
      ignorePunctuation: alternate === 'shifted',
    },
  };
}

function parseLocale(locale: string): {
  readonly language: string;
  readonly attributes: ReadonlyMap<string, string>;
} {
  const attributes = new Map<string, string>();
  const [plain = '', keywords] = locale.split('@');
  for (const pair of (keywords ?? '').split(';')) {
    const [name = '', value = ''] = pair.toLowerCase().split('=');
    const key = attributeKeys[name] ?? name;
    if (key !== '') attributes.set(key, value);
  }
  const [language = '', extension] = plain.replaceAll('_', '-').split(/-u-/i);
  let key = '';
  for (const part of (extension ?? '').toLowerCase().split('-')) {
    if (part.length === 2) attributes.set((key = part), '');
    else if (key !== '') attributes.set(key, [attributes.get(key), part].filter(Boolean).join('-'));
  }
  return { language: knownLanguage(language), attributes };
}

/** The root's order for what is no language that ICU knows, as ICU does it. */
function knownLanguage(language: string): string {
  try {
    return Intl.Collator.supportedLocalesOf(language)[0] ?? 'en';
  } catch (error) {
    if (error instanceof RangeError) return 'en';
    throw error;
  }
}
