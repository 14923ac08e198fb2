// Canonical forms of the text-valued parameters that have rules of their own.

/** DateStyle: an output style and a field order, each optional; undefined when a word is unknown or they conflict. */
export function normalizeDateStyle(value: string, current: string): string | undefined {
  const [currentStyle = 'ISO', currentOrder = 'MDY'] = current
    .split(',')
    .map((part) => part.trim());
  let style: string | undefined;
  let order: string | undefined;
  for (const word of value.split(',').map((part) => part.trim().toUpperCase())) {
    const found = dateStyleWords[word] ?? (word.startsWith('EURO') ? { order: 'DMY' } : undefined);
    if (found === undefined) return undefined;
    if (found.style !== undefined) {
      if (style !== undefined && style !== found.style) return undefined;
      style = found.style;
    }
    if (found.order !== undefined) {
      if (order !== undefined && order !== found.order && found.style === undefined)
        return undefined;
      order ??= found.order;
    }
  }
  return `${style ?? currentStyle}, ${order ?? currentOrder}`;
}

const dateStyleWords: Record<string, { readonly style?: string; readonly order?: string }> = {
  ISO: { style: 'ISO' },
  SQL: { style: 'SQL' },
  POSTGRES: { style: 'Postgres' },
  POSTGRESQL: { style: 'Postgres' },
  GERMAN: { style: 'German', order: 'DMY' },
  YMD: { order: 'YMD' },
  DMY: { order: 'DMY' },
  MDY: { order: 'MDY' },
  US: { order: 'MDY' },
  NONEURO: { order: 'MDY' },
  NONEUROPEAN: { order: 'MDY' },
  DEFAULT: { style: 'ISO', order: 'MDY' },
};

let zoneNames: ReadonlyMap<string, string> | undefined;

/** IANA names by any letter case; fixed offsets as <+hh>-hh; undefined when unknown. */
export function normalizeTimeZone(value: string): string | undefined {
  const trimmed = value.trim();
  const offset = /^[+-]?\d+(\.\d+)?$/.exec(trimmed);
  if (offset !== null) return fixedOffset(Number(trimmed));
  if (/^(?:<[^>]+>|[A-Za-z]{3,})[+-]?\d/.test(trimmed)) return trimmed;
  // A POSIX zone without a name.
  if (/^[+-]?\d{1,2}:\d{2}(?::\d{2})?$/.test(trimmed)) return trimmed;
  const lower = trimmed.toLowerCase();
  if (lower === 'default' || lower === 'local') return 'Etc/UTC';
  if (lower === 'utc' || lower === 'gmt' || lower === 'zulu' || lower === 'uct')
    return trimmed.toUpperCase();
  zoneNames ??= new Map(
    [...Intl.supportedValuesOf('timeZone'), 'Etc/UTC', 'Etc/GMT'].map((name) => [
      name.toLowerCase(),
      name,
    ]),
  );
  const known = zoneNames.get(lower);
  if (known !== undefined) return known;
  try {
    // Links such as US/Pacific are known to Intl although it does not list them.
    void new Intl.DateTimeFormat('en', { timeZone: trimmed });
    return trimmed;
  } catch {
    return undefined;
  }
}

/** SET TIME ZONE -8 is shown as <-08>+08 (POSIX signs). */
function fixedOffset(hours: number): string | undefined {
  if (Math.abs(hours) > 168) return undefined;
  const minutes = Math.round(Math.abs(hours) * 60);
  const digits = (count: number): string => String(count).padStart(2, '0');
  const text =
    digits(Math.floor(minutes / 60)) + (minutes % 60 === 0 ? '' : `:${digits(minutes % 60)}`);
  return hours < 0 ? `<-${text}>+${text}` : `<+${text}>-${text}`;
}

/** Only UTF-8 is spoken; SQL_ASCII is taken to mean it. undefined for other encodings. */
export function normalizeEncoding(value: string): string | undefined {
  const letters = value.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (letters === 'utf8' || letters === 'unicode' || letters === 'utf') return 'UTF8';
  if (letters === 'sqlascii') return 'SQL_ASCII';
  return undefined;
}
