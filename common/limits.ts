// Named limits: nothing that a client sends makes the server use memory or stack without bound.
// PostgreSQL's own figures where it has one, since applications know them.

/** Index and primary key entries (BTMaxItemSize of PostgreSQL's 8 kB pages); 54000. */
export const keyBytesMax = 2704;
/** One text, bytea, jsonb … value, and one row in wire form; 54000. */
export const valueBytesMax = 1_073_741_823;
/** What one output buffer may hold: a message of the largest size, and some that wait before it; 54000. */
export const writerBytesMax = valueBytesMax + (64 << 20);
/** JavaScript's longest string, in UTF-16 units, with some room for concatenation; 54000. */
export const stringLengthMax = 536_870_000;
/**
 * Elements of one array; 54000. PostgreSQL's MaxArraySize is 134,217,727; JavaScript keeps longer
 * arrays than this as hash tables, which take ten seconds and gigabytes to fill.
 */
export const arrayElementsMax = 33_554_431;
export const arrayDimensionsMax = 6;
/** Columns of a table and of a target list; 54011. */
export const tableColumnsMax = 1600;
export const targetListMax = 1664;
export const functionArgumentsMax = 100;
/** Bytes of an identifier; longer ones are truncated. */
export const identifierBytesMax = 63;
/** UTF-16 units of a text that is cut into words; 54000. */
export const searchedLengthMax = 1 << 24;
/** Nesting of a json document; 54001. */
export const jsonDepthMax = 5000;
/** Compiled regular expressions kept, and the longest pattern that is compiled; 2201B. */
export const regexCacheEntriesMax = 256;
export const regexPatternLengthMax = 20_000;
/** Precision of a numeric column. */
export const numericPrecisionMax = 1000;
/** Time zones whose transitions are kept. */
export const timeZoneCacheEntriesMax = 128;
