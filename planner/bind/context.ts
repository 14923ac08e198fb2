// What a statement is bound against (BindContext, from the session) and the state of binding one
// statement (Binder): column ids, parameters, relations touched, the text that positions refer to.

import type { SelectStmt, Node } from '@pgsql/types';
import {
  DatabaseError,
  defaultFormatSettings,
  type ColumnId,
  type Expression,
  type FormatSettings,
  type RelationDescriptor,
  type SqlType,
  type ViewDescriptor,
} from '#common';
import { accessDenied, mayOnSchema } from '../access-check.ts';
import type { Catalog } from '../catalog.ts';
import type { CursorKey, PlanColumn } from '../logical-plan.ts';
import { stackDepthError, type TemporalClause } from '../parse/index.ts';
import { newAccess, type RelationAccess } from './access.ts';
import { bindLimits } from './limits.ts';
import { Parameters } from './parameter.ts';
import type { TableExpressionTarget } from './stored-expression.ts';
import type { BoundSelect } from './bound-select.ts';
import type { RecordField } from './record-shape.ts';
import type { QueryRecord } from './query-record.ts';
import type { ScanColumns } from './relation-item.ts';
import type { Scope } from './scope.ts';
import { typeName } from './type-name.ts';
import type { SystemTimeSpec } from '../temporal.ts';
import type { CoercionContext, TransitionTable } from '#functions';
import type { VariableScope } from './variable.ts';

/** What the session contributes. */
export interface BindContext {
  readonly catalog: Catalog;
  /** Schemas in order of search, implicit ones (pg_temp, pg_catalog) included. */
  readonly searchPath: readonly string[];
  readonly currentUser: string;
  /** Types of $1, $2 … known beforehand (Parse message, PREPARE); undefined: to be inferred. */
  readonly parameterTypes?: readonly (SqlType | undefined)[];
  /** False: $n is an error 42P02 (simple protocol). Default true. */
  readonly allowParameters?: boolean;
  /** Literals that the statement cache lifted out of the text, after the statement's own parameters. */
  readonly literalParameters?: readonly LiteralParameter[];
  readonly formatSettings?: FormatSettings;
  /** The setting row_security; false: what row policies would change is an error. Default true. */
  readonly rowSecurity?: boolean;
  /** What is bound is to be kept, not run: row policies are left out. */
  readonly definesOnly?: boolean;
  /** Takes notes of the query for whoever prints it. */
  readonly record?: QueryRecord;
  /** Names beside the columns: variables of the routine that the statement is part of. */
  readonly variables?: VariableScope;
  /** The query is a cursor's: its rows come with the keys of the rows that they stand for. */
  readonly forCursor?: boolean;
  /** Transition tables of the trigger that the statement runs for. */
  readonly transitionTables?: readonly TransitionTable[] | undefined;
}

/** A literal in the place of `$index + 1`. */
export interface LiteralParameter {
  readonly kind: 'integer' | 'decimal' | 'string';
  readonly text: string;
}

/** The table column that a column passes on unchanged. */
export interface ColumnOrigin {
  readonly tableOid: number;
  readonly attributeNumber: number;
  readonly scan: ScanColumns | undefined;
}

/** The text that locations of the current tree refer to. Stored definitions have no positions. */
export interface SourceText {
  positionOf(location: number | undefined): number | undefined;
  readonly temporalClauses: ReadonlyMap<number, TemporalClause>;
}

/** The mutually recursive entry points of the grammar, so that the files need not import each other. */
export interface GrammarBinders {
  expression(node: Node, scope: Scope): Expression;
  select(statement: SelectStmt, scope: Scope): BoundSelect;
  /** A data-modifying statement in WITH; its RETURNING columns. */
  modification(node: Node, scope: Scope): BoundSelect;
  /** A value as a domain's. */
  domain(
    expression: Expression,
    target: SqlType,
    context: CoercionContext,
    binder: Binder,
  ): Expression;
  /** The text of an expression that the catalog keeps. */
  storedText(binder: Binder, sql: string, request: TableExpressionTarget): Expression;
}

export class Binder {
  readonly context: BindContext;
  readonly grammar: GrammarBinders;
  readonly parameters: Parameters;
  readonly formatSettings: FormatSettings;
  readonly relations = new Map<number, 'read' | 'write' | 'rowLock'>();
  /** The scope whose FROM clause, grouping or windows make a column. */
  readonly owners = new Map<ColumnId, Scope>();
  /** Where columns of relations come from: RowDescription, functional dependency, messages. */
  readonly origins = new Map<ColumnId, ColumnOrigin>();
  /** "relation.column" for messages. */
  readonly labels = new Map<ColumnId, string>();
  /** Name of the first column of each subquery, which names the subquery. */
  readonly subqueryNames = new WeakMap<object, string>();
  /** Fields of columns whose type is an anonymous record. */
  readonly recordShapes = new Map<ColumnId, readonly RecordField[]>();
  searchPath: readonly string[];
  source: SourceText;
  private readonly statementSource: SourceText;
  /** FOR SYSTEM_TIME on a view holds for every table below it. */
  inheritedSystemTime: SystemTimeSpec | undefined;
  viewDepth = 0;
  /** Owner of the view whose definition is being bound; undefined: the statement's own text. */
  viewOwner: number | undefined;
  readonly accesses: RelationAccess[] = [];
  /** Tables whose row policies are being bound. */
  readonly policiesUnderway = new Set<number>();
  /** Rules that are being applied, as "event oid". */
  readonly rulesUnderway = new Set<string>();
  /** The statement with the rules is part of WITH. */
  rulesInWith = false;
  /** The view whose rows a statement with rules means: they stand as they are, not for a table's. */
  ruledView: number | undefined;
  /** The query of the cursor that the statement is for. */
  cursorQuery: SelectStmt | undefined;
  readonly cursorKeys: CursorKey[] = [];
  /** What was bound is for the current role and row_security only. */
  dependsOnRole = false;
  private readonly usedSchemas = new Set<string>();
  private nextColumn = 1;
  private nextCte = 1;
  private depth = 0;

  constructor(context: BindContext, grammar: GrammarBinders, source: SourceText) {
    this.context = context;
    this.grammar = grammar;
    this.source = source;
    this.statementSource = source;
    this.searchPath = context.searchPath;
    this.formatSettings = context.formatSettings ?? defaultFormatSettings;
    this.parameters = new Parameters(context, (type) => typeName(type, this));
  }

  get nextColumnId(): number {
    return this.nextColumn;
  }

  newColumnId(owner: Scope | undefined): ColumnId {
    const id = this.nextColumn++;
    if (owner !== undefined) this.owners.set(id, owner);
    return id;
  }

  newColumn(owner: Scope | undefined, name: string, type: SqlType): PlanColumn {
    return { id: this.newColumnId(owner), name, type };
  }

  describe(column: PlanColumn, relation: string, origin: ColumnOrigin | undefined): void {
    this.labels.set(column.id, `${relation}.${column.name}`);
    if (origin !== undefined) this.origins.set(column.id, origin);
  }

  newCteId(): number {
    return this.nextCte++;
  }

  position(location: number | undefined): number | undefined {
    return this.source.positionOf(location);
  }

  /** Notes what is done with a relation, which begins with nothing. */
  access(relation: RelationDescriptor): RelationAccess {
    const access = newAccess(relation, this.viewOwner);
    this.accesses.push(access);
    return access;
  }

  /** A schema that the statement names: it must be open to the role. 42501. */
  useSchema(name: string, position: number | undefined): void {
    if (this.isStored || this.usedSchemas.has(name)) return;
    this.usedSchemas.add(name);
    const { catalog, currentUser } = this.context;
    const schema = catalog.findSchema(name);
    const role = catalog.findRole(currentUser);
    if (schema === undefined || role === undefined || role.superuser) return;
    if (!mayOnSchema(catalog, role.oid, schema, 'U')) throw accessDenied('schema', name, position);
  }

  /** Binds what a view says, with the rights of its owner unless it is security_invoker. */
  inView<Result>(view: ViewDescriptor, step: () => Result): Result {
    const isInvoker = view.options?.['security_invoker'] === 'true';
    return this.asOwner(isInvoker ? this.viewOwner : view.owner, step);
  }

  /** Binds with the rights of a role; undefined: of whoever runs the statement. */
  asOwner<Result>(owner: number | undefined, step: () => Result): Result {
    const outer = this.viewOwner;
    this.viewOwner = owner;
    try {
      return step();
    } finally {
      this.viewOwner = outer;
    }
  }

  /** Notes a relation for table locks; the strongest access wins. */
  touch(oid: number, access: 'read' | 'write' | 'rowLock'): void {
    const strength = { read: 0, rowLock: 1, write: 2 };
    const known = this.relations.get(oid);
    if (known === undefined || strength[known] < strength[access]) this.relations.set(oid, access);
  }

  /** Runs one step of a recursion over the tree; 54001 past the limit. */
  nested<Result>(step: () => Result): Result {
    if (++this.depth > bindLimits.nestingDepthMax) throw stackDepthError();
    try {
      return step();
    } finally {
      this.depth--;
    }
  }

  /** What is being bound comes from the catalog, not from the statement. */
  get isStored(): boolean {
    return this.source !== this.statementSource;
  }

  /** Binds a stored text (view, default, check): its own source and no positions. */
  withSource<Result>(source: SourceText, step: () => Result): Result {
    const outer = this.source;
    this.source = source;
    try {
      return step();
    } finally {
      this.source = outer;
    }
  }
}

/** Adds a position to an error that has none. */
export function withPosition<Result>(position: number | undefined, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof DatabaseError && position !== undefined) error.position ??= position;
    throw error;
  }
}

/** A source for trees that come from the catalog. */
export function storedSource(temporalClauses: ReadonlyMap<number, TemporalClause>): SourceText {
  return { positionOf: () => undefined, temporalClauses };
}
