// One call of a PL/pgSQL function: its values, where it is, and what it has made so far.

import {
  type DatabaseError,
  databaseError,
  type Datum,
  RecordValue,
  sqlType,
  type SqlType,
  TypeOid,
} from '#common';
import type { RecordField, Variable, VariableScope } from '#planner';
import type { TransitionTable } from '#functions';
import type { Pace, ProceduralHost } from '../host.ts';
import type { RoutineCaller } from '../routine-calls.ts';
import type { StatementScope } from '../inner-statement.ts';
import type { QueryRun } from '../statement-run.ts';
import type { ValueCasts } from '../value-casts.ts';
import type { CompiledFunction } from './compiled-function.ts';
import type { Names, VariableInfo } from './names.ts';

/** How a statement ends. */
export const Outcome = { next: 0, exit: 1, continue: 2, return: 3 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

export interface FrameOptions {
  readonly host: ProceduralHost;
  readonly calls: RoutineCaller;
  readonly compiled: CompiledFunction;
  readonly pace: Pace;
  /** COMMIT and ROLLBACK may be given. */
  readonly mayEndTransaction: boolean;
  readonly expectedColumns?: readonly RecordField[] | undefined;
  readonly transitions?: readonly TransitionTable[];
}

export class Frame implements StatementScope {
  readonly host: ProceduralHost;
  readonly calls: RoutineCaller;
  readonly casts: ValueCasts;
  readonly compiled: CompiledFunction;
  readonly pace: Pace;
  readonly mayEndTransaction: boolean;
  readonly readOnly: boolean;
  readonly conflict: VariableScope['conflict'];
  readonly values: Datum[];
  types: readonly SqlType[];
  /** Names in sight of the statement that is being bound. */
  names: Names;
  /** For CONTEXT lines. */
  line = 0;
  phase = '';
  exitLabel: string | undefined = undefined;
  result: Datum = null;
  resultType: SqlType = sqlType(TypeOid.void);
  /** RETURN NEXT and RETURN QUERY. */
  readonly rows: Datum[] = [];
  hasRows = false;
  rowCount = 0;
  /** Of all its loops. */
  rounds = 0;
  /** Errors that handlers are dealing with, the innermost last. */
  readonly caught: DatabaseError[] = [];
  /** Blocks with handlers around the current statement. */
  handlerDepth = 0;
  readonly openRuns = new Set<QueryRun>();
  /** The column definition list of a call in FROM. */
  readonly expectedColumns: readonly RecordField[] | undefined;
  /** Of the trigger that the function runs for. */
  readonly transitions: readonly TransitionTable[] | undefined;
  constructor(options: FrameOptions) {
    const { compiled } = options;
    this.host = options.host;
    this.calls = options.calls;
    this.casts = options.calls.casts;
    this.compiled = compiled;
    this.pace = options.pace;
    this.mayEndTransaction = options.mayEndTransaction;
    this.expectedColumns = options.expectedColumns;
    this.transitions = options.transitions;
    this.readOnly = compiled.readOnly;
    this.conflict = compiled.conflict ?? conflictSetting(options.host);
    this.values = new Array<Datum>(compiled.variables.length).fill(null);
    this.types = compiled.types;
    this.names = compiled.names;
  }

  find(names: readonly string[]): Variable | undefined {
    const found = this.names.find(names);
    if (found === undefined) return undefined;
    const { variable, rest } = found;
    if (rest.length > 1 || (rest.length === 1 && !variable.isRow)) return undefined;
    return { index: variable.index, type: this.types[variable.index], rest };
  }

  parameter(number: number): Variable | undefined {
    return this.find([`$${number}`]);
  }

  fields(index: number): readonly RecordField[] | undefined {
    const variable = this.compiled.variables[index];
    if (variable?.isRow !== true) return undefined;
    const value = this.values[index];
    if (value instanceof RecordValue) {
      return value.types.map((type, position) => ({
        name: value.names?.[position] ?? `f${position + 1}`,
        type: sqlType(type),
      }));
    }
    throw notAssigned(variable.name);
  }

  get found(): boolean {
    return this.values[this.compiled.foundIndex] === true;
  }
  set found(value: boolean) {
    this.values[this.compiled.foundIndex] = value;
  }

  /** A record variable takes on the type of its value, where that has a name. */
  setRecordType(variable: VariableInfo, type: number): void {
    if (this.types[variable.index].oid === type) return;
    this.types = this.types.with(variable.index, sqlType(type));
  }

  /** Assigns a value of a type, converted to the variable's. 22004, 22005. */
  assign(variable: VariableInfo, value: Datum, type: SqlType): void {
    if (variable.type.oid === TypeOid.record) {
      this.assignRecord(variable, value, type);
      return;
    }
    const converted = this.casts.convert(value, type, variable.type);
    if (converted === null && variable.notNull) throw nullAssigned(variable.name);
    this.values[variable.index] = converted;
  }

  private assignRecord(variable: VariableInfo, value: Datum, type: SqlType): void {
    if (value !== null && !(value instanceof RecordValue)) {
      throw databaseError(
        'datatypeMismatch',
        'cannot assign non-composite value to a record variable',
      );
    }
    this.values[variable.index] = value;
    this.setRecordType(variable, type.oid >= 16384 ? type.oid : TypeOid.record);
  }
}

function conflictSetting(host: ProceduralHost): VariableScope['conflict'] {
  switch (host.setting('plpgsql.variable_conflict')) {
    case 'use_variable':
      return 'useVariable';
    case 'use_column':
      return 'useColumn';
    default:
      return 'error';
  }
}

export function notAssigned(name: string): Error {
  return databaseError('objectNotInPrerequisiteState', `record "${name}" is not assigned yet`, {
    detail: 'The tuple structure of a not-yet-assigned record is indeterminate.',
  });
}

export function nullAssigned(name: string): Error {
  return databaseError(
    'nullValueNotAllowed',
    `null value cannot be assigned to variable "${name}" declared NOT NULL`,
  );
}
