// format_type(): a built-in type with its modifier, as \d and error messages show it.

import {
  BuiltinOid,
  elementTypeOf,
  intervalField,
  intervalFullRange,
  moduleOfType,
  typeDisplayName,
  TypeOid,
} from '#common';

/** "numeric(10,2)", "timestamp(3) with time zone", "text[]"; undefined for types of users and modules, which have a schema. */
export function formatType(oid: number, typmod: number): string | undefined {
  if (oid >= BuiltinOid.firstUserOid || moduleOfType(oid) !== undefined) return undefined;
  const element = elementTypeOf(oid);
  if (element !== 0) {
    const shown = formatType(element, typmod);
    return shown === undefined ? undefined : `${shown}[]`;
  }
  const name = typeDisplayName(oid);
  if (name === undefined || typmod < 0) return name;
  switch (oid) {
    case TypeOid.varchar:
    case TypeOid.bpchar:
      return `${name}(${typmod - 4})`;
    case TypeOid.bit:
    case TypeOid.varbit:
      return `${name}(${typmod})`;
    case TypeOid.numeric: {
      const packed = typmod - 4;
      const scale = ((packed & 0x7ff) ^ 1024) - 1024;
      return `${name}(${(packed >> 16) & 0xffff},${scale})`;
    }
    case TypeOid.time:
    case TypeOid.timetz:
    case TypeOid.timestamp:
    case TypeOid.timestamptz:
      return name.replace(' ', `(${typmod}) `);
    case TypeOid.interval:
      return intervalName(typmod);
    default:
      return name;
  }
}

function intervalName(typmod: number): string {
  const range = (typmod >> 16) & intervalFullRange;
  const precision = typmod & 0xffff;
  const { year, month, day, hour, minute, second } = intervalField;
  const ranges = new Map<number, string>([
    [year, ' year'],
    [month, ' month'],
    [day, ' day'],
    [hour, ' hour'],
    [minute, ' minute'],
    [second, ' second'],
    [year | month, ' year to month'],
    [day | hour, ' day to hour'],
    [day | hour | minute, ' day to minute'],
    [day | hour | minute | second, ' day to second'],
    [hour | minute, ' hour to minute'],
    [hour | minute | second, ' hour to second'],
    [minute | second, ' minute to second'],
  ]);
  const fields = ranges.get(range) ?? '';
  return `interval${fields}${precision === 0xffff ? '' : `(${precision})`}`;
}
