// A statement of a routine's body: parsed once, bound and planned again only when the catalog, the
// search path, the user or the shape of a record variable that it reads has changed.

import { type Datum, databaseError, RecordValue, type SqlType } from '#common';
import {
  bindStatement,
  type BoundQuery,
  isPlanStale,
  nodeTag,
  optimize,
  type ParsedStatement,
  parseStatements,
  type PhysicalPlan,
  type Variable,
  type VariableScope,
} from '#planner';
import type { TransitionTable } from '#functions';
import type { Pace, ProceduralHost } from './host.ts';

/** The variables that a statement may name, with their values as they are now. */
export interface StatementScope {
  readonly host: ProceduralHost;
  /** By position among the statement's parameters. */
  readonly values: readonly Datum[];
  /** Types by the same position; record until a record variable has a value of a named type. */
  readonly types: readonly SqlType[];
  readonly conflict: VariableScope['conflict'];
  find(names: readonly string[]): Variable | undefined;
  parameter(number: number): Variable | undefined;
  /** 55000 when a record variable has no value yet. */
  fields(index: number): ReturnType<VariableScope['fields']>;
  /** Not volatile: it sees the data as the calling statement does, and must not write. */
  readonly readOnly: boolean;
  /** Driven in steps: a lock is waited for where it is met. */
  readonly pace: Pace;
  /** Transition tables of a trigger, by their names. */
  readonly transitions?: readonly TransitionTable[] | undefined;
}

/** A record variable that was read when the statement was bound, and how it looked. */
interface ReadShape {
  readonly index: number;
  readonly type: number;
  readonly names: readonly string[] | undefined;
  readonly types: readonly number[];
}

export interface PreparedStatement {
  readonly bound: BoundQuery;
  readonly plan: PhysicalPlan;
}

const queryNodes = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

export class InnerStatement {
  readonly text: string;
  readonly parsed: ParsedStatement;
  readonly node: string;
  private prepared: PreparedStatement | undefined;
  private catalogVersion = -1;
  private searchPath: readonly string[] = [];
  private user = '';
  private shapes: readonly ReadShape[] = [];
  private typesKey = '';

  constructor(text: string, parsed: ParsedStatement) {
    this.text = text;
    this.parsed = parsed;
    this.node = nodeTag(parsed.statement);
  }

  static parse(text: string): InnerStatement {
    const [parsed, ...others] = parseStatements(text);
    if (parsed === undefined) throw databaseError('syntaxError', 'syntax error at end of input');
    if (others.length > 0) {
      throw databaseError(
        'syntaxError',
        'cannot insert multiple commands into a prepared statement',
      );
    }
    return new InnerStatement(text, parsed);
  }

  get isQuery(): boolean {
    const { statement } = this.parsed;
    return (
      queryNodes.has(this.node) &&
      !('SelectStmt' in statement && statement.SelectStmt.intoClause !== undefined)
    );
  }

  /** The plan for the scope as it is now. Queries only; one statement is always or never a cursor's. */
  prepare(scope: StatementScope, forCursor = false): PreparedStatement {
    const context = scope.host.bindContext();
    const { catalog } = context;
    const known = this.prepared;
    // Transition tables are part of the plan.
    const hasTransitions = (scope.transitions?.length ?? 0) > 0;
    if (
      known !== undefined &&
      !hasTransitions &&
      this.catalogVersion === catalog.version &&
      (this.searchPath === context.searchPath ||
        this.searchPath.join(',') === context.searchPath.join(',')) &&
      this.user === context.currentUser &&
      this.shapesHold(scope)
    ) {
      if (!isPlanStale(known.plan, catalog)) return known;
      this.prepared = { bound: known.bound, plan: this.plan(known.bound, scope) };
      return this.prepared;
    }
    const shapes: ReadShape[] = [];
    const bound = bindStatement(this.parsed, {
      ...context,
      parameterTypes: scope.types,
      allowParameters: true,
      variables: this.variables(scope, shapes),
      ...(forCursor ? { forCursor } : {}),
      ...(hasTransitions ? { transitionTables: scope.transitions } : {}),
    });
    this.prepared = { bound, plan: this.plan(bound, scope) };
    this.catalogVersion = hasTransitions ? -1 : catalog.version;
    this.searchPath = context.searchPath;
    this.user = context.currentUser;
    this.shapes = shapes;
    this.typesKey = keyOf(scope.types);
    return this.prepared;
  }

  /** The names in sight, noting the shapes of records that are read. */
  private variables(scope: StatementScope, shapes: ReadShape[]): VariableScope {
    return {
      conflict: scope.conflict,
      find: (names) => scope.find(names),
      parameter: (number) => scope.parameter(number),
      fields: (index) => {
        const fields = scope.fields(index);
        shapes.push(shapeOf(scope, index));
        return fields;
      },
    };
  }

  private shapesHold(scope: StatementScope): boolean {
    for (const shape of this.shapes) {
      const value = scope.values[shape.index];
      if (!(value instanceof RecordValue)) return false;
      if (value.names !== shape.names && value.names?.join() !== shape.names?.join()) return false;
      if (value.types !== shape.types && value.types.join() !== shape.types.join()) return false;
    }
    return this.typesKey === keyOf(scope.types);
  }

  private plan(bound: BoundQuery, scope: StatementScope): PhysicalPlan {
    const { host } = scope;
    return optimize(bound, host.bindContext().catalog, {
      functions: host.planningFunctions,
      checksFor: (table) => host.checksFor(table),
    });
  }
}

function shapeOf(scope: StatementScope, index: number): ReadShape {
  const value = scope.values[index];
  const { oid } = scope.types[index];
  return value instanceof RecordValue
    ? { index, type: oid, names: value.names, types: value.types }
    : { index, type: oid, names: undefined, types: [] };
}

const keys = new WeakMap<readonly SqlType[], string>();

function keyOf(types: readonly SqlType[]): string {
  let key = keys.get(types);
  if (key === undefined) {
    key = types.map(({ oid, typmod }) => `${oid}.${typmod}`).join(' ');
    keys.set(types, key);
  }
  return key;
}

/** Refuses what a function that is not volatile, or a read-only transaction, must not do. */
export function checkMayRun(statement: InnerStatement, scope: StatementScope, tag: string): void {
  if (scope.readOnly) {
    throw databaseError('featureNotSupported', `${tag} is not allowed in a non-volatile function`);
  }
  if (statement.isQuery && scope.host.executionContext([]).transaction.readOnly) {
    throw databaseError(
      'readOnlySqlTransaction',
      `cannot execute ${tag} in a read-only transaction`,
    );
  }
}

/** The scope for what cannot wait in place. Its members are named, as it may be an object of a class. */
export function withoutWaiting(
  scope: StatementScope,
  pace: 'atOnce' | 'inTurns' = 'atOnce',
): StatementScope {
  if (scope.pace === 'atOnce' || scope.pace === pace) return scope;
  return {
    host: scope.host,
    values: scope.values,
    types: scope.types,
    conflict: scope.conflict,
    find: (names) => scope.find(names),
    parameter: (number) => scope.parameter(number),
    fields: (index) => scope.fields(index),
    readOnly: scope.readOnly,
    pace,
    transitions: scope.transitions,
  };
}
