// The elements of CREATE TABLE (and of ALTER TABLE ADD) as read from the parse tree: columns with
// their types, and constraints of columns and tables in one list. Nothing of the catalog is changed
// here; names of constraints and sequences are chosen later (parse_utilcmd.c's transformColumnDefinition
// and transformTableConstraint).

import type { ColumnDef, Constraint, DefElem, IndexElem, Node, RangeVar } from '@pgsql/types';
import {
  databaseError,
  type ForeignKeyAction,
  type IndexDescriptor,
  notSupported,
  type SqlType,
  type TableDescriptor,
  sqlType,
  typeByOid,
  typeDisplayName,
  TypeOid,
  type EntryOptions,
} from '#common';
import { bodyOf, definitionElements, listItems, resolveType, stringsOf } from '#planner';
import { changedOptions } from './entries/generic-options.ts';
import { typeWithCollation } from './collations.ts';
import { columnSpecifiedTwice, positionField } from './errors.ts';
import type { DdlStatement } from './statement.ts';

export interface ColumnElement {
  readonly name: string;
  readonly type: SqlType;
  readonly notNull: boolean;
  readonly defaultNode?: Node;
  readonly generatedNode?: Node;
  readonly identity?: 'always' | 'by default';
  /** serial: the integer type's sequence is made, owned and used as the default. */
  readonly serial: boolean;
  readonly sequenceOptions?: readonly DefElem[];
  readonly comment?: string;
  readonly foreignOptions?: EntryOptions;
  /** LIKE: text of a default or generation expression that is already bound. */
  readonly copiedDefault?: string;
  readonly copiedGenerated?: string;
  /** Of a parent table (schema.ts). */
  readonly isLocal?: boolean;
  readonly inheritCount?: number;
}

interface ConstraintBase {
  readonly name: string | undefined;
  readonly position?: number | undefined;
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
  /** False: NOT VALID. */
  readonly validated: boolean;
  readonly comment?: string;
}

export interface KeyConstraintElement extends ConstraintBase {
  readonly type: 'primary' | 'unique';
  readonly columns: readonly string[];
  readonly included: readonly string[];
  readonly nullsNotDistinct: boolean;
  /** USING INDEX */
  readonly indexName: string | undefined;
  /** USING INDEX TABLESPACE */
  readonly tablespace?: string | undefined;
}

export interface CheckConstraintElement extends ConstraintBase {
  readonly type: 'check';
  readonly node?: Node;
  /** LIKE: text that is already bound. */
  readonly copied?: string;
  readonly noInherit: boolean;
  /** Of a parent table (schema.ts). */
  readonly isLocal?: boolean;
  readonly inheritCount?: number;
}

export interface ForeignKeyElement extends ConstraintBase {
  readonly type: 'foreign';
  readonly columns: readonly string[];
  readonly referenced: RangeVar;
  readonly referencedColumns: readonly string[];
  readonly match: 'simple' | 'full';
  readonly onDelete: ForeignKeyAction;
  readonly onUpdate: ForeignKeyAction;
  readonly onDeleteColumns: readonly string[];
}

export interface ExclusionElement extends ConstraintBase {
  readonly type: 'exclude';
  readonly method: string;
  readonly elements: readonly { readonly key: IndexElem; readonly operator: readonly string[] }[];
  readonly included: readonly string[];
  readonly where: Node | undefined;
}

export type ConstraintElement =
  | KeyConstraintElement
  | CheckConstraintElement
  | ForeignKeyElement
  | ExclusionElement;

/** LIKE … INCLUDING INDEXES: an index that no constraint owns, and the table that it is copied from. */
export interface CopiedIndex {
  readonly source: TableDescriptor;
  readonly index: IndexDescriptor;
}

export interface TableElements {
  readonly columns: ColumnElement[];
  readonly constraints: ConstraintElement[];
  readonly indexes?: readonly CopiedIndex[];
}

const serialTypes: Readonly<Record<string, number>> = {
  smallserial: TypeOid.int2,
  serial2: TypeOid.int2,
  serial: TypeOid.int4,
  serial4: TypeOid.int4,
  bigserial: TypeOid.int8,
  serial8: TypeOid.int8,
};

/** Reads one column; its constraints go to `constraints`. */
export function readColumn(
  ddl: DdlStatement,
  definition: ColumnDef,
  tableName: string,
  constraints: ConstraintElement[],
  inherited?: SqlType,
): ColumnElement {
  const name = definition.colname ?? '';
  const position = ddl.position(definition.location);
  const names = stringsOf(definition.typeName?.names);
  const serialOid = names.length === 1 ? serialTypes[names[0]] : undefined;
  if (serialOid !== undefined && (definition.typeName?.arrayBounds?.length ?? 0) > 0) {
    throw notSupported('array of serial', positionField(position));
  }
  const type =
    inherited ??
    (serialOid === undefined
      ? resolveType(definition.typeName!, ddl.bindContext, ddl.parsed)
      : sqlType(serialOid));
  checkColumnType(name, type.oid);
  checkColumnName(name);
  const reader = new ColumnConstraintReader(ddl, { column: name, table: tableName, position });
  if (serialOid !== undefined) reader.notNull = true;
  for (const node of definition.constraints ?? []) reader.read(bodyOf(node, 'Constraint')!);
  constraints.push(...reader.constraints);
  if (
    serialOid !== undefined &&
    (reader.defaultNode !== undefined || reader.identity !== undefined)
  ) {
    throw reader.error(
      `multiple default values specified for column "${name}" of table "${tableName}"`,
    );
  }
  if (reader.identity !== undefined) checkIdentityType(type.oid);
  return {
    name,
    type: typeWithCollation(ddl, type, definition.collClause),
    notNull: reader.notNull === true || serialOid !== undefined || reader.identity !== undefined,
    serial: serialOid !== undefined,
    ...(reader.defaultNode === undefined ? {} : { defaultNode: reader.defaultNode }),
    ...(reader.generatedNode === undefined ? {} : { generatedNode: reader.generatedNode }),
    ...(reader.identity === undefined ? {} : { identity: reader.identity }),
    ...(reader.sequenceOptions === undefined ? {} : { sequenceOptions: reader.sequenceOptions }),
    ...(definition.fdwoptions === undefined
      ? {}
      : { foreignOptions: changedOptions({}, definition.fdwoptions) }),
  };
}

const integerTypes = new Set<number>([TypeOid.int2, TypeOid.int4, TypeOid.int8]);

/** 22023 for a type that a sequence cannot count in. */
export function checkIdentityType(oid: number): void {
  if (integerTypes.has(oid)) return;
  throw databaseError(
    'invalidParameterValue',
    'identity column type must be smallint, integer, or bigint',
  );
}

/** 42P16 for pseudo-types, 0A000 for types whose values cannot be stored. */
export function checkColumnType(column: string, oid: number): void {
  const type = typeByOid(oid);
  if (type?.kind === 'pseudo') {
    throw databaseError(
      'invalidTableDefinition',
      `column "${column}" has pseudo-type ${typeDisplayName(oid) ?? type.name}`,
    );
  }
}

/** 42P22 for a column of a query whose parts have different collations. */
export function checkDerivedCollation(name: string, type: SqlType): void {
  if (type.collation !== 0) return;
  throw databaseError(
    'indeterminateCollation',
    `no collation was derived for column "${name}" with collatable type ${typeDisplayName(type.oid) ?? ''}`,
    { hint: 'Use the COLLATE clause to set the collation explicitly.' },
  );
}

interface ColumnPlace {
  readonly column: string;
  readonly table: string;
  readonly position: number | undefined;
}

class ColumnConstraintReader {
  readonly constraints: ConstraintElement[] = [];
  notNull: boolean | undefined = undefined;
  defaultNode: Node | undefined = undefined;
  generatedNode: Node | undefined = undefined;
  identity: 'always' | 'by default' | undefined = undefined;
  sequenceOptions: readonly DefElem[] | undefined = undefined;
  private readonly ddl: DdlStatement;
  private readonly place: ColumnPlace;

  constructor(ddl: DdlStatement, place: ColumnPlace) {
    this.ddl = ddl;
    this.place = place;
  }

  error(message: string, location?: number): Error {
    const position = location === undefined ? this.place.position : this.ddl.position(location);
    return databaseError('syntaxError', message, positionField(position));
  }

  read(constraint: Constraint): void {
    const of = `column "${this.place.column}" of table "${this.place.table}"`;
    switch (constraint.contype) {
      case 'CONSTR_NULL':
      case 'CONSTR_NOTNULL': {
        const notNull = constraint.contype === 'CONSTR_NOTNULL';
        if (this.notNull === !notNull) {
          throw this.error(`conflicting NULL/NOT NULL declarations for ${of}`, constraint.location);
        }
        this.notNull = notNull;
        return;
      }
      case 'CONSTR_DEFAULT':
        if (this.defaultNode !== undefined) {
          throw this.error(`multiple default values specified for ${of}`, constraint.location);
        }
        this.defaultNode = constraint.raw_expr;
        break;
      case 'CONSTR_IDENTITY':
        if (this.identity !== undefined) {
          throw this.error(`multiple identity specifications for ${of}`, constraint.location);
        }
        this.identity = constraint.generated_when === 'a' ? 'always' : 'by default';
        this.sequenceOptions = definitionElements(constraint.options);
        break;
      case 'CONSTR_GENERATED':
        if (this.generatedNode !== undefined)
          throw this.error(`multiple generation clauses specified for ${of}`);
        if (constraint.generated_kind === 'v') throw notSupported('a virtual generated column');
        this.generatedNode = constraint.raw_expr;
        break;
      default:
        readConstraint(this.ddl, constraint, this.constraints, this.place.column);
        return;
    }
    this.checkCombination(of);
  }

  private checkCombination(of: string): void {
    const { defaultNode, identity, generatedNode } = this;
    if (defaultNode !== undefined && identity !== undefined) {
      throw this.error(`both default and identity specified for ${of}`);
    }
    if (defaultNode !== undefined && generatedNode !== undefined) {
      throw this.error(`both default and generation expression specified for ${of}`);
    }
    if (identity !== undefined && generatedNode !== undefined) {
      throw this.error(`both identity and generation expression specified for ${of}`);
    }
  }
}

/** Reads a constraint of a table or, with `column`, of a column. Attributes change the one before. */
export function readConstraint(
  ddl: DdlStatement,
  constraint: Constraint,
  constraints: ConstraintElement[],
  column?: string,
): void {
  const base = {
    name: constraint.conname,
    position: ddl.position(constraint.location),
    deferrable: constraint.deferrable ?? false,
    initiallyDeferred: constraint.initdeferred ?? false,
    validated: constraint.skip_validation !== true,
  };
  const columnList = column === undefined ? undefined : [column];
  switch (constraint.contype) {
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE':
      constraints.push({
        ...base,
        type: constraint.contype === 'CONSTR_PRIMARY' ? 'primary' : 'unique',
        columns: columnList ?? stringsOf(constraint.keys),
        included: stringsOf(constraint.including),
        nullsNotDistinct: constraint.nulls_not_distinct ?? false,
        tablespace: constraint.indexspace,
        indexName: constraint.indexname,
      });
      return;
    case 'CONSTR_CHECK':
      constraints.push({
        ...base,
        type: 'check',
        node: constraint.raw_expr!,
        noInherit: constraint.is_no_inherit ?? false,
      });
      return;
    case 'CONSTR_FOREIGN':
      constraints.push({
        ...base,
        type: 'foreign',
        columns: columnList ?? stringsOf(constraint.fk_attrs),
        referenced: constraint.pktable!,
        referencedColumns: stringsOf(constraint.pk_attrs),
        match: matchOf(constraint.fk_matchtype),
        onDelete: actionOf(constraint.fk_del_action),
        onUpdate: actionOf(constraint.fk_upd_action),
        onDeleteColumns: stringsOf(constraint.fk_del_set_cols),
      });
      return;
    case 'CONSTR_EXCLUSION':
      constraints.push({
        ...base,
        type: 'exclude',
        method: constraint.access_method ?? 'btree',
        elements: (constraint.exclusions ?? []).map((node) => {
          const [key, operator] = listItems(node);
          return { key: bodyOf(key, 'IndexElem')!, operator: stringsOf(listItems(operator)) };
        }),
        included: stringsOf(constraint.including),
        where: constraint.where_clause,
      });
      return;
    case 'CONSTR_NOTNULL':
      throw notSupported(
        'a NOT NULL table constraint',
        positionField(ddl.position(constraint.location)),
      );
    default:
      readAttribute(ddl, constraint, constraints);
  }
}

/** DEFERRABLE and the like after a column constraint. */
function readAttribute(
  ddl: DdlStatement,
  attribute: Constraint,
  constraints: ConstraintElement[],
): void {
  const last = constraints.pop();
  if (last === undefined || last.type === 'check') {
    throw databaseError(
      'syntaxError',
      `misplaced ${attributeNames[attribute.contype ?? ''] ?? 'constraint attribute'} clause`,
      positionField(ddl.position(attribute.location)),
    );
  }
  switch (attribute.contype) {
    case 'CONSTR_ATTR_DEFERRABLE':
      constraints.push({ ...last, deferrable: true });
      return;
    case 'CONSTR_ATTR_NOT_DEFERRABLE':
      constraints.push({ ...last, deferrable: false });
      return;
    case 'CONSTR_ATTR_DEFERRED':
      constraints.push({ ...last, deferrable: true, initiallyDeferred: true });
      return;
    case 'CONSTR_ATTR_IMMEDIATE':
      constraints.push({ ...last, initiallyDeferred: false });
      return;
    default:
      throw notSupported(
        'this constraint attribute',
        positionField(ddl.position(attribute.location)),
      );
  }
}

const attributeNames: Readonly<Record<string, string>> = {
  CONSTR_ATTR_DEFERRABLE: 'DEFERRABLE',
  CONSTR_ATTR_NOT_DEFERRABLE: 'NOT DEFERRABLE',
  CONSTR_ATTR_DEFERRED: 'INITIALLY DEFERRED',
  CONSTR_ATTR_IMMEDIATE: 'INITIALLY IMMEDIATE',
};

function matchOf(type: string | undefined): 'simple' | 'full' {
  if (type === 'f') return 'full';
  if (type === 'p') throw notSupported('MATCH PARTIAL');
  return 'simple';
}

const actions: Readonly<Record<string, ForeignKeyAction>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

function actionOf(code: string | undefined): ForeignKeyAction {
  return actions[code ?? 'a'] ?? 'no action';
}

/** 42701 when two columns have one name. */
export function checkColumnNames(columns: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) throw columnSpecifiedTwice(name);
    seen.add(name);
  }
}

/** Names that every table's rows have besides their own columns. */
export const systemColumns: ReadonlySet<string> = new Set([
  'tableoid',
  'ctid',
  'xmin',
  'cmin',
  'xmax',
  'cmax',
]);

export function isSystemColumn(name: string): boolean {
  return systemColumns.has(name);
}

/** 42701 for the names that every table's rows have by themselves. */
export function checkColumnName(name: string): void {
  if (!isSystemColumn(name)) return;
  throw databaseError(
    'duplicateColumn',
    `column name "${name}" conflicts with a system column name`,
  );
}
