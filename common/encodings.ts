// PostgreSQL's character encodings by their numbers (pg_wchar.h): the catalogs name them so.

const names = (
  'SQL_ASCII EUC_JP EUC_CN EUC_KR EUC_TW EUC_JIS_2004 UTF8 MULE_INTERNAL LATIN1 LATIN2 LATIN3 LATIN4 ' +
  'LATIN5 LATIN6 LATIN7 LATIN8 LATIN9 LATIN10 WIN1256 WIN1258 WIN866 WIN874 KOI8R WIN1251 WIN1252 ' +
  'ISO_8859_5 ISO_8859_6 ISO_8859_7 ISO_8859_8 WIN1250 WIN1253 WIN1254 WIN1255 WIN1257 KOI8U SJIS BIG5 ' +
  'GBK UHC GB18030 JOHAB SHIFT_JIS_2004'
).split(' ');

/** Other spellings, without the signs that do not count. */
const aliases: Readonly<Record<string, string>> = {
  unicode: 'utf8',
  iso88591: 'latin1',
  iso88592: 'latin2',
  iso88593: 'latin3',
  iso88594: 'latin4',
  iso88599: 'latin5',
  iso885910: 'latin6',
  iso885913: 'latin7',
  iso885914: 'latin8',
  iso885915: 'latin9',
  iso885916: 'latin10',
  koi8: 'koi8r',
  alt: 'win866',
  win: 'win1251',
  windows866: 'win866',
  windows874: 'win874',
  windows936: 'gbk',
  windows949: 'uhc',
  windows950: 'big5',
  mskanji: 'sjis',
  shiftjis: 'sjis',
  tcvn: 'win1258',
  tcvn5712: 'win1258',
  vscii: 'win1258',
  abc: 'win1258',
};

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
const ids = new Map(names.map((name, id) => [plain(name), id]));

/** pg_char_to_encoding(): -1 for what is no encoding. */
export function encodingId(name: string): number {
  const key = plain(name);
  const windows = /^windows(125\d)$/.exec(key);
  return ids.get(windows === null ? (aliases[key] ?? key) : `win${windows[1]}`) ?? -1;
}

/** pg_encoding_to_char(); empty for a number that means none. */
export function encodingName(id: number): string {
  return names[id] ?? '';
}
