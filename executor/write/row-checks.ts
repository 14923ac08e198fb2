// What a new row must satisfy before it is written: NOT NULL columns and CHECK constraints, with
// PostgreSQL's messages.

import { type DatabaseError, type Datum, type TableDescriptor, databaseError } from '#common';
import type { FunctionContext } from '#functions';
import type { PhysicalCheck } from '#planner';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Evaluator } from '../expression/environment.ts';
import { valueText } from '../expression/text-conversion.ts';
import type { Runtime } from '../runtime.ts';
import { SingleRow } from './single-row.ts';

/** Longer values are cut off in "Failing row contains (…)". */
const shownValueLengthMax = 64;

interface CompiledCheck {
  readonly constraintName: string;
  readonly rule: PhysicalCheck['rule'];
  readonly attributes: readonly number[];
  readonly condition: Evaluator;
  readonly row: SingleRow;
}

type Rule = NonNullable<PhysicalCheck['rule']>;
export type PolicyCheckKind = Exclude<Rule['kind'], 'view'>;

export class RowChecks {
  private readonly runtime: Runtime;
  private readonly table: TableDescriptor;
  private readonly schemaName: () => string | undefined;
  private readonly notNull: readonly { readonly name: string; readonly position: number }[];
  private readonly checks: readonly CompiledCheck[];
  /** Of row policies: they come before all others. */
  private readonly policies: readonly CompiledCheck[];

  constructor(table: TableDescriptor, checks: readonly PhysicalCheck[], runtime: Runtime) {
    this.runtime = runtime;
    this.table = table;
    this.schemaName = () => runtime.context.catalog.schemaByOid(table.schemaOid)?.name;
    this.notNull = table.columns
      .filter((column) => column.notNull && !column.dropped)
      .map((column) => ({ name: column.name, position: column.attributeNumber - 1 }));
    const compiled = checks.map((check) => ({
      constraintName: check.constraintName,
      rule: check.rule,
      attributes: check.attributes,
      condition: compileExpression(check.condition, runtime),
      row: new SingleRow(check.attributes.length),
    }));
    const isPolicy = ({ rule }: CompiledCheck): boolean =>
      rule !== undefined && rule.kind !== 'view';
    this.checks = compiled.filter((check) => !isPolicy(check));
    this.policies = compiled.filter(isPolicy);
  }

  /** A row as it will be written, by attribute number - 1. 42501, 23502, 23514 and 44000. */
  verify(row: readonly Datum[], event: 'inserted' | 'updated'): void {
    if (this.policies.length > 0) this.verifyPolicies(row, event);
    for (const { name, position } of this.notNull) {
      if (row[position] === null) throw this.notNullViolation(name, row);
    }
    for (const check of this.checks) {
      const holds = evaluated(check, row);
      if (check.rule !== undefined) {
        if (holds !== true) throw this.viewViolation(check.rule.name, row);
      } else if (holds === false) throw this.checkViolation(check.constraintName, row);
    }
  }

  /** What row policies ask of a row, be it new or stored. 42501. */
  verifyPolicies(row: readonly Datum[], kind: PolicyCheckKind): void {
    for (const check of this.policies) {
      if (check.rule!.kind === kind && evaluated(check, row) !== true)
        throw policyViolation(check.rule!);
    }
  }

  private notNullViolation(column: string, row: readonly Datum[]): DatabaseError {
    const { name } = this.table;
    return databaseError(
      'notNullViolation',
      `null value in column "${column}" of relation "${name}" violates not-null constraint`,
      { ...this.fields(row), column },
    );
  }

  private checkViolation(constraint: string, row: readonly Datum[]): DatabaseError {
    const { name } = this.table;
    return databaseError(
      'checkViolation',
      `new row for relation "${name}" violates check constraint "${constraint}"`,
      { ...this.fields(row), constraint },
    );
  }

  private viewViolation(view: string, row: readonly Datum[]): DatabaseError {
    return databaseError(
      'withCheckOptionViolation',
      `new row violates check option for view "${view}"`,
      { detail: this.fields(row).detail },
    );
  }

  private fields(row: readonly Datum[]): { detail: string; schema?: string; table: string } {
    const schema = this.schemaName();
    return {
      detail: `Failing row contains (${rowText(this.table, row, this.runtime.functions)}).`,
      ...(schema === undefined ? {} : { schema }),
      table: this.table.name,
    };
  }
}

function evaluated(check: CompiledCheck, row: readonly Datum[]): Datum {
  for (let i = 0; i < check.attributes.length; i++) check.row.set(i, row[check.attributes[i] - 1]);
  return check.condition(check.row.columns, 0);
}

function policyViolation({ kind, name, policy }: Rule): DatabaseError {
  const which = policy === undefined ? '' : ` "${policy}"`;
  const using = kind === 'inserted' || kind === 'updated' ? '' : ' (USING expression)';
  const row = kind === 'replaced' || kind === 'removed' ? 'target row' : 'new row';
  return databaseError(
    'insufficientPrivilege',
    `${row} violates row-level security policy${which}${using} for table "${name}"`,
  );
}

export function rowText(
  table: TableDescriptor,
  row: readonly Datum[],
  context: FunctionContext,
): string {
  return table.columns
    .filter((column) => !column.dropped)
    .map((column) => {
      const value = row[column.attributeNumber - 1] ?? null;
      if (value === null) return 'null';
      const text = valueText(value, column.type.oid, context);
      return text.length > shownValueLengthMax ? `${text.slice(0, shownValueLengthMax)}...` : text;
    })
    .join(', ');
}
