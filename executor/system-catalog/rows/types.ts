// pg_type: the built-in types and the row types of tables and views.

import {
  BuiltinOid,
  builtinTypes,
  type BuiltinType,
  type RelationDescriptor,
  typeByName,
  typeByOid,
} from '#common';
import type { CatalogRow, CatalogScope, Lookups, RowSources } from '../contract.ts';

const kinds = {
  base: 'b',
  pseudo: 'p',
  composite: 'c',
  domain: 'd',
  enum: 'e',
  range: 'r',
} as const;
const arraySubscriptHandler = 6179;
const rawSubscriptHandler = 6180;
const arrayAnalyze = 3816;
/** record_in, record_out, record_recv, record_send. */
const recordFunctions = { input: 2290, output: 2291, receive: 2402, send: 2403 } as const;

function builtinRow(type: BuiltinType): CatalogRow {
  const { facts } = type;
  const isArray = type.category === 'A' && type.name.startsWith('_');
  return {
    oid: type.oid,
    typname: type.name,
    typnamespace: BuiltinOid.pgCatalogSchema,
    typowner: BuiltinOid.bootstrapRole,
    typlen: type.length,
    typbyval: facts.byValue,
    typtype: kinds[type.kind],
    typcategory: type.category,
    typispreferred: type.preferred,
    typisdefined: true,
    typdelim: type.delimiter,
    typrelid: 0,
    typsubscript: isArray ? arraySubscriptHandler : type.elementOid === 0 ? 0 : rawSubscriptHandler,
    typelem: type.elementOid,
    typarray: type.arrayOid,
    typinput: facts.input,
    typoutput: facts.output,
    typreceive: facts.receive,
    typsend: facts.send,
    typmodin: facts.modifierInput,
    typmodout: facts.modifierOutput,
    typanalyze: isArray ? arrayAnalyze : 0,
    typalign: facts.alignment,
    typstorage: facts.storage,
    typnotnull: false,
    typbasetype: facts.base,
    typtypmod: -1,
    typndims: 0,
    typcollation: facts.collation,
  };
}

function rowTypeRow(
  relation: RelationDescriptor & { readonly rowTypeOid: number; readonly owner: number },
): CatalogRow {
  return {
    oid: relation.rowTypeOid,
    typname: relation.name,
    typnamespace: relation.schemaOid,
    typowner: relation.owner,
    typlen: -1,
    typbyval: false,
    typtype: 'c',
    typcategory: 'C',
    typispreferred: false,
    typisdefined: true,
    typdelim: ',',
    typrelid: relation.oid,
    typsubscript: 0,
    typelem: 0,
    typarray: 0,
    typinput: recordFunctions.input,
    typoutput: recordFunctions.output,
    typreceive: recordFunctions.receive,
    typsend: recordFunctions.send,
    typmodin: 0,
    typmodout: 0,
    typanalyze: 0,
    typalign: 'd',
    typstorage: 'x',
    typnotnull: false,
    typbasetype: 0,
    typtypmod: -1,
    typndims: 0,
    typcollation: 0,
  };
}

function* typeRows({ catalog }: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const oid = lookups.get('oid');
  if (oid !== undefined) {
    const builtin = typeof oid === 'number' ? typeByOid(oid) : undefined;
    if (builtin !== undefined) yield builtinRow(builtin);
    const relation = typeof oid === 'number' ? catalog.relationOfRowType(oid) : undefined;
    if (relation !== undefined && 'rowTypeOid' in relation) yield rowTypeRow(relation);
    return;
  }
  const name = lookups.get('typname');
  const builtin = typeof name === 'string' ? typeByName(name) : undefined;
  if (name === undefined) for (const type of builtinTypes) yield builtinRow(type);
  else if (builtin !== undefined) yield builtinRow(builtin);
  for (const relation of catalog.userRelations()) {
    if ('rowTypeOid' in relation && (name === undefined || relation.name === name))
      yield rowTypeRow(relation);
  }
}

export const typeSources: RowSources = { pg_type: typeRows };
