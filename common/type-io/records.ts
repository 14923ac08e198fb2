// Row values. Text: (a,"b c",) with an empty field for null. Binary: field count int32, then per
// field its type, length (-1: null) and bytes. Input needs the row type's fields from the catalog.

import { RecordValue, type Datum } from '../datum.ts';
import { databaseError, notSupported, type DatabaseError } from '../errors.ts';
import { doubleCharacters } from '../long-text.ts';
import { typeByOid } from '../type-registry.ts';
import { readInt32 } from '../value-codec.ts';
import { insufficientData, invalidBinary, typeIo, type AnyTypeIo } from './contract.ts';

export function recordIo(typeOid: number, ioOf: (oid: number) => AnyTypeIo): AnyTypeIo {
  return typeIo<RecordValue>({
    input: (text, _typmod, settings) => {
      const fields = settings.catalog?.compositeFields?.(typeOid);
      if (fields === undefined) throw notSupported('input of anonymous composite types');
      const texts = parseRecord(text, fields.length);
      const values = texts.map((item, index): Datum => {
        const { typeOid: fieldType, typmod } = fields[index];
        return item === null ? null : ioOf(fieldType).input(item, typmod, settings);
      });
      const types = fields.map((field) => field.typeOid);
      const names = fields.map((field) => field.name);
      return new RecordValue(types, values, names);
    },
    output: (value, settings) => {
      const texts = value.fields.map((field, index) =>
        field === null ? '' : quoteField(ioOf(value.types[index]).output(field, settings)),
      );
      // Attributes that the type got after the value was made.
      if (typeOid >= 16384 && typeByOid(typeOid)?.kind === 'composite') {
        const count = settings.catalog?.compositeFields?.(typeOid)?.length ?? 0;
        while (texts.length < count) texts.push('');
      }
      return `(${texts.join(',')})`;
    },
    receive: (bytes) => receiveRecord(bytes, ioOf),
    send: (value, writer) => {
      writer.int32(value.fields.length);
      for (const [index, field] of value.fields.entries()) {
        writer.int32(value.types[index]);
        if (field === null) writer.int32(-1);
        else {
          const start = writer.begin();
          ioOf(value.types[index]).send(field, writer);
          writer.end(start);
        }
      }
    },
  });
}

function quoteField(text: string): string {
  if (text !== '' && !/["\\(),\s]/.test(text)) return text;
  return `"${doubleCharacters(text, /["\\]/g, '$&$&')}"`;
}

function malformed(text: string, detail: string): DatabaseError {
  return databaseError('invalidTextRepresentation', `malformed record literal: "${text}"`, {
    detail,
  });
}

/** record_in(): the fields' texts; null for an empty one. */
function parseRecord(text: string, count: number): (string | null)[] {
  let at = text.length - text.trimStart().length;
  if (text[at] !== '(') throw malformed(text, 'Missing left parenthesis.');
  at++;
  const fields: (string | null)[] = [];
  while (fields.length < count) {
    if (fields.length > 0) {
      if (text[at] !== ',') throw malformed(text, 'Too few columns.');
      at++;
    }
    let content = '';
    let quoting = false;
    const start = at;
    while (quoting || (text[at] !== ',' && text[at] !== ')')) {
      const character = text[at++];
      if (character === undefined) throw malformed(text, 'Unexpected end of input.');
      if (character === '\\') {
        const next = text[at++];
        if (next === undefined) throw malformed(text, 'Unexpected end of input.');
        content += next;
      } else if (character !== '"') content += character;
      else if (quoting && text[at] === '"') content += text[at++];
      else quoting = !quoting;
    }
    fields.push(at === start ? null : content);
  }
  if (text[at] === ',') throw malformed(text, 'Too many columns.');
  if (text.slice(at + 1).trim() !== '') throw malformed(text, 'Junk after right parenthesis.');
  return fields;
}

function receiveRecord(bytes: Buffer, ioOf: (oid: number) => AnyTypeIo): RecordValue {
  if (bytes.length < 4) throw insufficientData();
  const count = readInt32(bytes, 0);
  if (count < 0 || count * 8 > bytes.length) throw insufficientData();
  const types: number[] = [];
  const fields: Datum[] = [];
  let at = 4;
  for (let index = 0; index < count; index++) {
    if (at + 8 > bytes.length) throw insufficientData();
    const type = readInt32(bytes, at) >>> 0;
    const length = readInt32(bytes, at + 4);
    at += 8;
    types.push(type);
    if (length === -1) fields.push(null);
    else {
      if (length < 0 || at + length > bytes.length) throw insufficientData();
      fields.push(ioOf(type).receive(bytes.subarray(at, at + length), -1));
      at += length;
    }
  }
  if (at !== bytes.length) throw invalidBinary();
  return new RecordValue(types, fields);
}
