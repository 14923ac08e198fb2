// JSON objects as rows: json_populate_record, json_to_record and their set and jsonb forms. The fields
// come from the column definition list of the call, the base row, or the row type in the catalog.

import {
  ArrayValue,
  type CompositeField,
  databaseError,
  type DatabaseError,
  type Datum,
  elementTypeOf,
  type FormatSettings,
  Jsonb,
  type JsonSource,
  openJson,
  RecordValue,
  typeByOid,
  TypeOid,
  typeInput,
} from '#common';
import type {
  CallTypes,
  FunctionContext,
  ScalarImplementation,
  SetImplementation,
} from '../contract.ts';
import { forTypes, type Family } from '../family.ts';
import { formatType } from '../format-type.ts';
import { jsonTextOf } from './json-path.ts';

type Document = string | Jsonb;

function textOf(document: Document): string {
  return typeof document === 'string' ? document : document.toString();
}

function expectedArray(name: string): DatabaseError {
  return databaseError('invalidTextRepresentation', 'expected JSON array', {
    hint: `See the value of key "${name}".`,
  });
}

/** One member's text as a value of the field's type. */
function fieldValue(
  text: string | undefined,
  field: CompositeField,
  settings: FormatSettings,
): Datum {
  if (text === undefined) return null;
  const { typeOid, typmod } = field;
  if (typeOid === TypeOid.json) return text === 'null' ? null : text;
  const source = openJson(text);
  if (source.kind === 'scalar' && source.value === null) return null;
  if (typeOid === TypeOid.jsonb) return Jsonb.parse(text);
  const element = elementTypeOf(typeOid);
  if (element !== 0) {
    if (source.kind === 'array')
      return arrayValue(source, { ...field, typeOid: element }, settings);
    if (source.kind === 'object' || typeof source.value !== 'string') {
      throw expectedArray(field.name);
    }
  }
  const nested = typeOid >= 16384 ? settings.catalog?.compositeFields?.(typeOid) : undefined;
  if (nested !== undefined && source.kind === 'object') {
    return recordOf(source, nested, undefined, settings);
  }
  return typeInput(typeOid)(jsonTextOf(text)!, typmod, settings);
}

/** Nested JSON arrays become dimensions, which must be regular. */
function arrayValue(
  source: JsonSource & { readonly kind: 'array' },
  element: CompositeField,
  settings: FormatSettings,
): ArrayValue {
  const lengths: number[] = [];
  const elements: Datum[] = [];
  const level = (texts: readonly string[], depth: number): void => {
    if (lengths[depth] === undefined) lengths[depth] = texts.length;
    else if (lengths[depth] !== texts.length) throw irregular();
    for (const text of texts) {
      const inner =
        text.startsWith('[') && element.typeOid !== TypeOid.json ? openJson(text) : undefined;
      if (inner?.kind === 'array' && element.typeOid !== TypeOid.jsonb)
        level(inner.elements, depth + 1);
      else {
        if (lengths.length > depth + 1) throw irregular();
        elements.push(fieldValue(text, element, settings));
      }
    }
  };
  level(source.elements, 0);
  if (elements.length === 0) return new ArrayValue(element.typeOid, [], []);
  const dimensions = lengths.map((length) => ({ length, lowerBound: 1 }));
  return new ArrayValue(element.typeOid, dimensions, elements);
}

function irregular(): DatabaseError {
  return databaseError('invalidTextRepresentation', 'malformed JSON array', {
    detail: 'Multidimensional arrays must have sub-arrays with matching dimensions.',
  });
}

/** A row of the object's members by name; missing ones keep the base row's values. */
function recordOf(
  source: JsonSource,
  fields: readonly CompositeField[],
  base: RecordValue | undefined,
  settings: FormatSettings,
): RecordValue {
  if (source.kind !== 'object') throw notAnObject(source.kind);
  const members = new Map(source.members.map(({ key, value }) => [key, value]));
  const values = fields.map((field, index) =>
    members.has(field.name) || base === undefined
      ? fieldValue(members.get(field.name), field, settings)
      : base.fields[index]!,
  );
  return new RecordValue(
    fields.map((field) => field.typeOid),
    values,
    fields.map((field) => field.name),
  );
}

function notAnObject(kind: string): DatabaseError {
  return databaseError(
    'invalidParameterValue',
    `cannot call populate_composite on ${kind === 'array' ? 'an array' : 'a scalar'}`,
  );
}

function declaredFields(types: CallTypes): readonly CompositeField[] | undefined {
  return types.columns?.map(({ name, type }) => ({ name, typeOid: type.oid, typmod: type.typmod }));
}

/** Fields of the base row's type: declared, known to the catalog, or carried by the value. */
function baseFields(
  functionName: string,
  types: CallTypes,
  base: RecordValue | null,
  settings: FormatSettings,
): readonly CompositeField[] {
  if (base !== null && types.argumentTypes[0] === TypeOid.record) checkDeclared(types, base);
  const declared =
    declaredFields(types) ?? settings.catalog?.compositeFields?.(types.argumentTypes[0]);
  if (declared !== undefined) return declared;
  if (base?.names !== undefined) {
    return base.names.map((name, index) => ({ name, typeOid: base.types[index], typmod: -1 }));
  }
  if (
    typeByOid(types.argumentTypes[0])?.kind !== 'composite' &&
    types.argumentTypes[0] !== TypeOid.record
  ) {
    throw databaseError('datatypeMismatch', `first argument of ${functionName} must be a row type`);
  }
  throw noRowType(functionName);
}

/** A base row without a type of its own must have the columns of the definition list. */
function checkDeclared({ columns }: CallTypes, base: RecordValue): void {
  if (columns === undefined) return;
  const differs = (detail: string): DatabaseError =>
    databaseError(
      'datatypeMismatch',
      'function return row and query-specified return row do not match',
      { detail },
    );
  const count = base.types.length;
  if (count !== columns.length) {
    const attributes = count === 1 ? 'attribute' : 'attributes';
    throw differs(
      `Returned row contains ${count} ${attributes}, but query expects ${columns.length}.`,
    );
  }
  columns.forEach(({ type }, at) => {
    if (type.oid === base.types[at]) return;
    throw differs(
      `Returned type ${formatType(base.types[at], -1)} at ordinal position ${at + 1}, but query expects ${formatType(type.oid, -1)}.`,
    );
  });
}

function noRowType(functionName: string): DatabaseError {
  return databaseError(
    'featureNotSupported',
    `could not determine row type for result of ${functionName}`,
    {
      hint: 'Provide a non-null record argument, or call the function in the FROM clause using a column definition list.',
    },
  );
}

function requireColumns(types: CallTypes, functionName: string): readonly CompositeField[] {
  const fields = declaredFields(types);
  if (fields === undefined) {
    throw noRowType(functionName);
  }
  return fields;
}

function rowsOf(document: Document, functionName: string): readonly JsonSource[] {
  const source = openJson(textOf(document));
  if (source.kind !== 'array') {
    throw databaseError(
      'invalidParameterValue',
      `cannot call ${functionName} on ${source.kind === 'object' ? 'an object' : 'a scalar'}`,
    );
  }
  return source.elements.map((element) => {
    const row = openJson(element);
    if (row.kind !== 'object') {
      throw databaseError(
        'invalidParameterValue',
        `argument of ${functionName} must be an array of objects`,
      );
    }
    return row;
  });
}

function toRecord(functionName: string): ReturnType<typeof forTypes<ScalarImplementation>> {
  return forTypes<ScalarImplementation>(
    (types) => (context: FunctionContext, document: Document) =>
      recordOf(openJson(textOf(document)), requireColumns(types, functionName), undefined, context),
  );
}

function toRecordSet(functionName: string): ReturnType<typeof forTypes<SetImplementation>> {
  return forTypes((types) => (context: FunctionContext, document: Document) => {
    const fields = requireColumns(types, functionName);
    return rowsOf(document, functionName).map(
      (row) => recordOf(row, fields, undefined, context).fields,
    );
  });
}

function populateRecord(functionName: string): ReturnType<typeof forTypes<ScalarImplementation>> {
  return forTypes<ScalarImplementation>(
    (types) => (context: FunctionContext, base: RecordValue | null, document: Document | null) => {
      if (document === null) return base;
      const fields = baseFields(functionName, types, base, context);
      return recordOf(openJson(textOf(document)), fields, base ?? undefined, context);
    },
  );
}

function populateRecordSet(functionName: string): ReturnType<typeof forTypes<SetImplementation>> {
  return forTypes(
    (types) => (context: FunctionContext, base: RecordValue | null, document: Document | null) => {
      if (document === null) return [];
      const fields = baseFields(functionName, types, base, context);
      return rowsOf(document, functionName).map((row) =>
        recordOf(row, fields, base ?? undefined, context),
      );
    },
  );
}

export const jsonRecordsFamily: Family = {
  scalars: {
    json_to_record: toRecord('json_to_record'),
    jsonb_to_record: toRecord('jsonb_to_record'),
    json_populate_record: populateRecord('json_populate_record'),
    jsonb_populate_record: populateRecord('jsonb_populate_record'),
  },
  sets: {
    json_to_recordset: toRecordSet('json_to_recordset'),
    jsonb_to_recordset: toRecordSet('jsonb_to_recordset'),
    json_populate_recordset: populateRecordSet('json_populate_recordset'),
    jsonb_populate_recordset: populateRecordSet('jsonb_populate_recordset'),
  },
};
