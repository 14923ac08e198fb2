// Rows as hstore and back: hstore(record), populate_record() and its operator #=.

import {
  type CompositeField,
  databaseError,
  Hstore,
  RecordValue,
  typeByOid,
  typeInput,
  TypeOid,
  typeOutput,
} from '#common';
import type { CallTypes, FunctionContext, ScalarImplementation } from '../contract.ts';
import { forTypes, type Family } from '../family.ts';

/** Columns of a row type; a row that has none of its own brings them. */
function fieldsOf(
  type: number,
  row: RecordValue | null,
  context: FunctionContext,
): readonly CompositeField[] {
  const declared = context.catalog.compositeFields?.(type);
  if (declared !== undefined) return declared;
  if (row === null) {
    throw databaseError(
      'featureNotSupported',
      'could not determine row type for result of populate_record',
    );
  }
  return row.types.map((typeOid, at) => ({
    name: row.names?.[at] ?? `f${at + 1}`,
    typeOid,
    typmod: -1,
  }));
}

/** Of a null row of a known type all values are null. */
function fromRecord(types: CallTypes): ScalarImplementation {
  return (context, row: RecordValue | null) => {
    const fields = fieldsOf(types.argumentTypes[0], row, context);
    return Hstore.of(
      fields.map(({ name, typeOid }, at) => {
        const value = row === null ? null : row.fields[at];
        return [name, value === null ? null : typeOutput(typeOid)(value, context)];
      }),
    );
  };
}

function populateRecord(types: CallTypes): ScalarImplementation {
  const type = types.argumentTypes[0];
  return (context, row: RecordValue | null, hstore: Hstore | null) => {
    if (type !== TypeOid.record && typeByOid(type)?.kind !== 'composite') {
      throw databaseError('datatypeMismatch', 'first argument must be a rowtype');
    }
    if (hstore === null || (hstore.pairs.size === 0 && row !== null)) return row;
    const fields = fieldsOf(type, row, context);
    const values = fields.map((field, at) => {
      const text = hstore.pairs.get(field.name);
      if (text === undefined && row !== null) return row.fields[at];
      if (text === undefined || text === null) {
        context.catalog.checkDomain?.(field.typeOid, null);
        return null;
      }
      return typeInput(field.typeOid)(text, field.typmod, context);
    });
    return new RecordValue(
      fields.map(({ typeOid }) => typeOid),
      values,
      fields.map(({ name }) => name),
    );
  };
}

export const hstoreRecordsFamily: Family = {
  scalars: {
    hstore_from_record: forTypes(fromRecord),
    hstore_populate_record: forTypes(populateRecord),
  },
};
