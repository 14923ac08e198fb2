// Values between the types of variables: casts are bound once per pair of types and catalog version.

import { type Datum, RecordValue, sqlType, type SqlType, TypeOid } from '#common';
import { bindValueCast } from '#planner';
import { compileExpression } from '../expression/compile-expression.ts';
import { type ExpressionEnvironment, noColumns } from '../expression/environment.ts';
import { notSupported } from '#common';
import type { ProceduralHost } from './host.ts';

type Cast = (value: Datum) => Datum;

const same: Cast = (value) => value;

export class ValueCasts {
  private readonly host: ProceduralHost;
  private readonly casts = new Map<string, Cast>();
  private version = -1;

  constructor(host: ProceduralHost) {
    this.host = host;
  }

  /** Converts by assignment, or through text. */
  convert(value: Datum, source: SqlType, target: SqlType): Datum {
    if (source.oid === target.oid && (target.typmod < 0 || target.typmod === source.typmod))
      return value;
    return this.cast(source, target)(value);
  }

  private cast(source: SqlType, target: SqlType): Cast {
    const { version } = this.host.bindContext().catalog;
    if (version !== this.version) {
      this.casts.clear();
      this.version = version;
    }
    const key = `${source.oid} ${target.oid} ${target.typmod}`;
    let cast = this.casts.get(key);
    if (cast === undefined) {
      cast = this.bind(source, target);
      this.casts.set(key, cast);
    }
    return cast;
  }

  private bind(source: SqlType, target: SqlType): Cast {
    if (target.oid === TypeOid.record) return same;
    const fields = this.host.bindContext().catalog.rowType(target.oid);
    if (fields !== undefined) {
      const live = fields.columns.filter((column) => !column.dropped);
      return (value) =>
        value instanceof RecordValue
          ? this.convertRecord(value, live)
          : this.plain(value, source, target);
    }
    const from = source.oid === TypeOid.void ? sqlType(TypeOid.text) : source;
    const expression = bindValueCast(from, target, this.host.bindContext());
    if (expression.kind === 'parameter') return same;
    const environment: ExpressionEnvironment & { parameters: readonly Datum[] } = {
      parameters: [],
      slots: [],
      functions: this.host.functions,
      caseTest: null,
      subplan: () => {
        throw notSupported('a subquery in a cast');
      },
    };
    const evaluate = compileExpression(expression, environment);
    return (value) => {
      environment.parameters = [value];
      return evaluate(noColumns, 0);
    };
  }

  private plain(value: Datum, source: SqlType, target: SqlType): Datum {
    if (value === null) return null;
    const expression = bindValueCast(source, target, this.host.bindContext());
    const evaluate = compileExpression(expression, {
      parameters: [value],
      slots: [],
      functions: this.host.functions,
      caseTest: null,
      subplan: () => {
        throw notSupported('a subquery in a cast');
      },
    });
    return evaluate(noColumns, 0);
  }

  /** Field by field, by position; what is missing is null. */
  convertRecord(
    record: RecordValue,
    columns: readonly { readonly name: string; readonly type: SqlType }[],
  ): RecordValue {
    return new RecordValue(
      columns.map((column) => column.type.oid),
      columns.map((column, position) => {
        const value = record.fields[position] ?? null;
        const type = record.types[position];
        return type === undefined ? null : this.convert(value, sqlType(type), column.type);
      }),
      columns.map((column) => column.name),
    );
  }
}
