// DateStyle and IntervalStyle, decoded once per distinct setting.

export type DateOutput = 'ISO' | 'SQL' | 'Postgres' | 'German';
export type DateOrder = 'MDY' | 'DMY' | 'YMD';

export interface DateStyle {
  readonly output: DateOutput;
  readonly order: DateOrder;
}

let knownText = 'ISO, MDY';
let known: DateStyle = { output: 'ISO', order: 'MDY' };

/** Decodes a canonical DateStyle ("SQL, DMY"); settings are checked where they are set. */
export function dateStyleOf(text: string): DateStyle {
  if (text !== knownText) {
    const [output, order] = text.split(',').map((part) => part.trim());
    known = { output: (output ?? 'ISO') as DateOutput, order: (order ?? 'MDY') as DateOrder };
    knownText = text;
  }
  return known;
}
