// A type with its modifier as SQL text (format_type).

import {
  BuiltinOid,
  typeDisplayName,
  elementTypeOf,
  moduleOfType,
  TypeOid,
  type SqlType,
} from '#common';

export function typeText(type: SqlType, userType?: (oid: number) => string): string {
  const element = elementTypeOf(type.oid);
  const hasSchema = type.oid >= BuiltinOid.firstUserOid || moduleOfType(type.oid) !== undefined;
  if (userType !== undefined && hasSchema) {
    return element === 0 ? userType(type.oid) : `${userType(element)}[]`;
  }
  if (element !== 0 && typeDisplayName(type.oid)?.endsWith('[]') === true) {
    return `${typeText({ oid: element, typmod: type.typmod })}[]`;
  }
  const name = typeDisplayName(type.oid) ?? 'record';
  const { typmod } = type;
  if (typmod < 0) return type.oid === TypeOid.bpchar ? 'bpchar' : name;
  switch (type.oid) {
    case TypeOid.varchar:
    case TypeOid.bpchar:
      return `${name}(${typmod - 4})`;
    case TypeOid.numeric: {
      const packed = typmod - 4;
      // The scale is an 11-bit signed field since version 15.
      const scale = ((packed & 0x7ff) ^ 1024) - 1024;
      return `${name}(${(packed >> 16) & 0xffff},${scale})`;
    }
    case TypeOid.time:
    case TypeOid.timetz:
    case TypeOid.timestamp:
    case TypeOid.timestamptz:
      return name.replace(/^(time(?:stamp)?)/, `$1(${typmod})`);
    case TypeOid.bit:
    case TypeOid.varbit:
      return `${name}(${typmod})`;
    default:
      return name;
  }
}
