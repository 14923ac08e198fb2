// Functions in SQL: their statements one after another; the last one's rows are the result. Parameters
// are named by name, by function.name, or by number, and a column of the same name goes first.

import {
  baseTypeOf,
  DatabaseError,
  databaseError,
  type Datum,
  inputParameters,
  RecordValue,
  type RoutineDescriptor,
  sqlType,
  type SqlType,
  TypeOid,
} from '#common';
import { type CallTypes, typeResolution } from '#functions';
import {
  parseStatements,
  type RecordField,
  standardBodyStatements,
  underCollation,
  type Variable,
} from '#planner';
import type { Pace, ProceduralHost, Work } from './host.ts';
import { InnerStatement, type StatementScope } from './inner-statement.ts';
import { addContext } from './plpgsql/context.ts';
import type { RoutineCaller } from './routine-calls.ts';
import { runStatement, type StatementResult } from './statement-run.ts';

interface Parameter {
  readonly name: string;
  readonly type: SqlType;
}

export class SqlFunction {
  private readonly host: ProceduralHost;
  private readonly routine: RoutineDescriptor;
  private readonly resultType: SqlType;
  private readonly parameters: readonly Parameter[];
  private readonly types: readonly SqlType[];
  /** OUT parameters, with the types that they have in this call. */
  private readonly outputs: readonly Parameter[];
  private readonly statements: readonly InnerStatement[];
  private running = 0;

  constructor(options: {
    readonly host: ProceduralHost;
    readonly routine: RoutineDescriptor;
    /** Of all parameters, in order. */
    readonly parameterTypes: readonly number[];
    readonly resultType: SqlType;
    readonly inputCollation: number | undefined;
  }) {
    const { routine } = options;
    this.host = options.host;
    this.routine = routine;
    this.resultType = options.resultType;
    // BEGIN ATOMIC is what it was when it was written, whatever the collation of a call.
    const isText = routine.standardBody === undefined;
    const collation = isText ? options.inputCollation : undefined;
    this.parameters = inputParameters(routine).map((parameter) => ({
      name: parameter.name,
      type: underCollation(
        sqlType(options.parameterTypes[routine.parameters.indexOf(parameter)]),
        collation,
      ),
    }));
    this.types = this.parameters.map((parameter) => parameter.type);
    this.outputs = routine.parameters.flatMap(({ name, mode }, position) =>
      mode === 'in' || mode === 'variadic'
        ? []
        : [{ name, type: sqlType(options.parameterTypes[position]) }],
    );
    this.statements =
      routine.standardBody === undefined
        ? parseStatements(routine.body).map((parsed) => statementOf(parsed))
        : standardBodyStatements(routine.standardBody).map((parsed) => statementOf(parsed));
  }

  line(): string {
    const name = `SQL function "${this.routine.name}"`;
    return this.running > 0 ? `${name} statement ${this.running}` : name;
  }

  /** The first row of the last statement. */
  *value(calls: RoutineCaller, args: readonly Datum[], pace: Pace, types?: CallTypes): Work<Datum> {
    const result = yield* this.run(args, pace, 1);
    if (this.resultType.oid === TypeOid.void || result?.rows === undefined) return null;
    const [row] = result.rows;
    return row === undefined ? null : this.fitting(calls, result, types?.columns)(row);
  }

  *rows(calls: RoutineCaller, args: readonly Datum[], pace: Pace, types: CallTypes): Work<Datum[]> {
    const result = yield* this.run(args, pace, Infinity);
    if (result?.rows === undefined) return [];
    return result.rows.map(this.fitting(calls, result, types.columns));
  }

  private *run(
    args: readonly Datum[],
    pace: Pace,
    rowsMax: number,
  ): Work<StatementResult | undefined> {
    const scope = this.scope(args, pace);
    let result: StatementResult | undefined;
    const outer = this.running;
    try {
      for (let at = 0; at < this.statements.length; at++) {
        this.running = at + 1;
        const isLast = at === this.statements.length - 1;
        const statement = this.statements[at];
        result = yield* runStatement(
          statement,
          scope,
          isLast ? rowsMax : 0,
          isLast && rowsMax === 1,
        );
      }
      return result;
    } catch (error) {
      throw this.withLine(error);
    } finally {
      this.running = outer;
    }
  }

  private withLine(error: unknown): unknown {
    if (!(error instanceof DatabaseError)) return error;
    if (error.position !== undefined) {
      error.internalPosition = error.position;
      error.internalQuery = this.routine.body;
      error.position = undefined;
    }
    addContext(error, this.line());
    return error;
  }

  private scope(args: readonly Datum[], pace: Pace): StatementScope {
    return {
      host: this.host,
      values: args,
      types: this.types,
      conflict: 'useColumn',
      find: (names) => this.find(names),
      parameter: (number) => this.variable(number - 1, []),
      fields: (index): readonly RecordField[] | undefined => {
        const value = args[index];
        if (!(value instanceof RecordValue)) return undefined;
        return value.types.map((type, position) => ({
          name: value.names?.[position] ?? `f${position + 1}`,
          type: sqlType(type),
        }));
      },
      readOnly: this.routine.volatility !== 'volatile',
      pace,
    };
  }

  /** parameter, parameter.field, function.parameter, function.parameter.field */
  private find(names: readonly string[]): Variable | undefined {
    const direct = this.parameters.findIndex((parameter) => parameter.name === names[0]);
    if (direct >= 0 && names.length <= 2) return this.variable(direct, names.slice(1));
    if (names[0] !== this.routine.name || names.length < 2) return undefined;
    const qualified = this.parameters.findIndex((parameter) => parameter.name === names[1]);
    return qualified < 0 ? undefined : this.variable(qualified, names.slice(2));
  }

  private variable(index: number, rest: readonly string[]): Variable | undefined {
    const parameter = this.parameters[index];
    return parameter === undefined ? undefined : { index, type: parameter.type, rest };
  }

  /** One row as a value of the result type: a single column, or a row of several. */
  private resultValue(calls: RoutineCaller, row: readonly Datum[], result: StatementResult): Datum {
    const { results } = result.prepared!.bound;
    const { catalog } = this.host.bindContext();
    const base = baseTypeOf(this.resultType.oid);
    const fields = base === this.resultType.oid ? undefined : catalog.rowType(base)?.columns;
    if (fields !== undefined && results.length === 1 && row[0] instanceof RecordValue) {
      const live = fields.filter((each) => !each.dropped);
      const record = calls.casts.convertRecord(row[0], live);
      return calls.casts.convert(record, sqlType(base), this.resultType);
    }
    const columns = catalog.rowType(this.resultType.oid)?.columns.filter((each) => !each.dropped);
    const [first] = results;
    if (columns !== undefined) {
      if (results.length === 1 && first.type.oid === this.resultType.oid) return row[0];
      if (results.length === 1 && row[0] instanceof RecordValue && columns.length !== 1)
        return calls.casts.convertRecord(row[0], columns);
      const types = results.map((column) => column.type.oid);
      return calls.casts.convertRecord(new RecordValue(types, row), columns);
    }
    if (this.resultType.oid === TypeOid.record) return this.recordValue(calls, row, results);
    if (results.length !== 1)
      throw this.mismatch(calls, 'Final statement must return exactly one column.');
    const given = first.type.oid;
    if (
      given !== this.resultType.oid &&
      !typeResolution.canCoerce(given, this.resultType.oid, 'assignment')
    )
      throw this.mismatch(calls, `Actual return type is ${calls.typeName(sqlType(given))}.`);
    return calls.casts.convert(row[0], first.type, this.resultType);
  }

  /** Rows as values of the result type, and of the column definition list of the call. */
  private fitting(
    calls: RoutineCaller,
    result: StatementResult,
    columns: CallTypes['columns'],
  ): (row: readonly Datum[]) => Datum {
    const isOpen = this.resultType.oid === TypeOid.record && this.outputs.length === 0;
    if (columns === undefined || !isOpen) return (row) => this.resultValue(calls, row, result);
    const { results } = result.prepared!.bound;
    const isRow = results.length === 1 && results[0].type.oid === TypeOid.record;
    if (!isRow) this.checkColumns(calls, results, columns);
    return (row) => {
      const value = this.resultValue(calls, row, result);
      return value instanceof RecordValue ? calls.casts.convertRecord(value, columns) : value;
    };
  }

  /** The column definition list of the call must fit the last statement. 42P13 */
  private checkColumns(
    calls: RoutineCaller,
    results: readonly { readonly type: SqlType }[],
    columns: readonly { readonly type: SqlType }[],
  ): void {
    if (results.length !== columns.length) {
      const few = results.length < columns.length ? 'few' : 'many';
      throw this.mismatch(calls, `Final statement returns too ${few} columns.`);
    }
    columns.forEach(({ type }, position) => {
      const given = results[position].type.oid;
      if (given === type.oid || typeResolution.canCoerce(given, type.oid, 'assignment')) return;
      throw this.mismatch(
        calls,
        `Final statement returns ${calls.typeName(sqlType(given))} instead of ${calls.typeName(sqlType(type.oid))} at column ${position + 1}.`,
      );
    });
  }

  /** Of bodies that were not checked when the function was made. */
  private mismatch(calls: RoutineCaller, detail: string): Error {
    return databaseError(
      'invalidFunctionDefinition',
      `return type mismatch in function declared to return ${calls.typeName(this.resultType)}`,
      { detail },
    );
  }

  private recordValue(
    calls: RoutineCaller,
    row: readonly Datum[],
    results: readonly { readonly name: string; readonly type: SqlType }[],
  ): Datum {
    const { outputs } = this;
    const isRow = results.length === 1 && row[0] instanceof RecordValue && outputs.length !== 1;
    const record = isRow
      ? (row[0] as RecordValue)
      : new RecordValue(
          results.map((column) => column.type.oid),
          row,
          results.map((column) => column.name),
        );
    if (outputs.length === 0) return record;
    return calls.casts.convertRecord(record, outputs);
  }
}

function statementOf(parsed: ConstructorParameters<typeof InnerStatement>[1]): InnerStatement {
  return new InnerStatement(parsed.sql.slice(parsed.start, parsed.end), parsed);
}
