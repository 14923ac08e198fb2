// SET of UPDATE and of ON CONFLICT DO UPDATE: column = value, column = DEFAULT, and
// (columns) = (values) or (columns) = (SELECT …).

import type { MultiAssignRef, Node, RowExpr } from '@pgsql/types';
import {
  databaseError,
  type ColumnDescriptor,
  type Expression,
  type TableDescriptor,
} from '#common';
import { syntaxError } from '../errors.ts';
import type { Assignment, LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { exactPlan } from './bound-select.ts';
import { constant } from './expression-build.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { assignedValue, refuseGenerated } from './modification.ts';
import { assignedColumn, type ModifiedTable } from './modified-table.ts';
import { bodyOf, nodeTag } from './node.ts';
import { columnReference, type Scope } from './scope.ts';
import { columnDefault } from './stored-expression.ts';
import {
  assignedPart,
  assignmentSteps,
  assignPart,
  refuseDefaultElement,
  type AssignmentStep,
} from './subscript-assignment.ts';
import { expandStar } from './star.ts';
import { bindSubselect } from './subquery-expression.ts';
import { recordType } from './whole-row.ts';

export interface SetClause {
  readonly assignments: readonly Assignment[];
  /** Subqueries of several columns, each to be computed once a row, as records. */
  readonly records: readonly { readonly column: PlanColumn; readonly expression: Expression }[];
}

/** Names on the left of SET. */
export function assignedNames(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).map((node) => bodyOf(node, 'ResTarget')?.name ?? '');
}

export function bindSetClause(
  nodes: readonly Node[] | undefined,
  modified: ModifiedTable,
  scope: Scope,
  existing: (column: ColumnDescriptor) => Expression,
): SetClause {
  const assignments: Assignment[] = [];
  const records: { column: PlanColumn; expression: Expression }[] = [];
  const multi = new MultiAssignment(records, scope);
  /** Columns of which some part is assigned; further parts are put into the result. */
  const partial = new Set<number>();
  for (const node of nodes ?? []) {
    const target = bodyOf(node, 'ResTarget')!;
    const position = scope.position(target.location);
    const column = assignedColumn(modified, target.name ?? '', 'update', position);
    const { attributeNumber } = column;
    const index = assignments.findIndex((each) => each.attributeNumber === attributeNumber);
    const subscripts =
      target.indirection === undefined
        ? undefined
        : assignmentSteps(target.indirection, column, scope, position);
    if (index >= 0 && (subscripts === undefined || !partial.has(attributeNumber))) {
      throw databaseError('syntaxError', `multiple assignments to same column "${column.name}"`);
    }
    if (subscripts === undefined) {
      const value = bindValue(target.val!, column, modified.table, multi, scope);
      assignments.push({ attributeNumber, value });
      continue;
    }
    refuseDefaultElement(target.val!, position);
    partial.add(attributeNumber);
    const element = bindElement(target.val!, { column, subscripts }, multi, scope);
    const before = index >= 0 ? assignments[index].value : existing(column);
    const value = assignPart(before, subscripts, element, scope);
    if (index >= 0) assignments[index] = { attributeNumber, value };
    else assignments.push({ attributeNumber, value });
  }
  return { assignments, records };
}

function bindElement(
  node: Node,
  target: { readonly column: ColumnDescriptor; readonly subscripts: readonly AssignmentStep[] },
  multi: MultiAssignment,
  scope: Scope,
): Expression {
  const { column, subscripts } = target;
  refuseGenerated(column, 'update');
  const reference = bodyOf(node, 'MultiAssignRef');
  const part = reference === undefined ? node : multi.part(reference);
  const value = 'kind' in part ? part : scope.bindAs(ExpressionKinds.updateSource, part);
  return assignedPart(value, column, subscripts, scope);
}

function bindValue(
  node: Node,
  column: ColumnDescriptor,
  table: TableDescriptor,
  multi: MultiAssignment,
  scope: Scope,
): Expression {
  const reference = bodyOf(node, 'MultiAssignRef');
  const part = reference === undefined ? node : multi.part(reference);
  if ('kind' in part) {
    refuseGenerated(column, 'update');
    return assignedValue(part, column, scope);
  }
  if (nodeTag(part) === 'SetToDefault') {
    return columnDefault(table, column, scope.binder) ?? constant(null, column.type);
  }
  refuseGenerated(column, 'update');
  return assignedValue(scope.bindAs(ExpressionKinds.updateSource, part), column, scope);
}

/** (a, b) = …: every column refers to the same source node. */
class MultiAssignment {
  private readonly records: { column: PlanColumn; expression: Expression }[];
  private readonly scope: Scope;
  private readonly bound = new Map<Node, readonly Expression[]>();
  /** The tree repeats the source under each column; the first occurrence stands for all. */
  private current: Node | undefined;
  private fields: readonly (Node | Expression)[] = [];

  constructor(records: { column: PlanColumn; expression: Expression }[], scope: Scope) {
    this.records = records;
    this.scope = scope;
  }

  /** The column's share of the source: a node of a row, or a field of a subquery's record. */
  part(reference: MultiAssignRef): Node | Expression {
    const ordinal = (reference.colno ?? 1) - 1;
    const count = reference.ncolumns ?? 1;
    const source = reference.source!;
    const row = bodyOf(source, 'RowExpr');
    if (row !== undefined) {
      // The tree repeats the row under each column; the fields are bound once, for its stars.
      if (ordinal === 0 || this.fields.length === 0) this.fields = this.fieldsOf(row);
      if (this.fields.length !== count) throw this.mismatch(row.location);
      return this.fields[ordinal];
    }
    const link = bodyOf(source, 'SubLink');
    if (link?.subLinkType !== 'EXPR_SUBLINK') {
      throw databaseError(
        'featureNotSupported',
        'source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression',
      );
    }
    if (ordinal === 0 || this.current === undefined) {
      this.current = source;
      this.bound.set(source, this.bindRecord(source, count));
    }
    return this.bound.get(this.current)![ordinal];
  }

  private fieldsOf(row: RowExpr): readonly (Node | Expression)[] {
    return (row.args ?? []).flatMap((node): readonly (Node | Expression)[] => {
      const star = this.scope.within(ExpressionKinds.updateSource, () =>
        expandStar(node, this.scope),
      );
      return star?.map(({ expression }) => expression) ?? [node];
    });
  }

  private bindRecord(source: Node, count: number): readonly Expression[] {
    const { scope } = this;
    const link = bodyOf(source, 'SubLink')!;
    const position = scope.position(link.location);
    const select = scope.within(ExpressionKinds.updateSource, () =>
      bindSubselect(link, scope, position),
    );
    if (select.columns.length !== count) throw this.mismatch(link.location);
    const fields = select.columns.map(({ id, type }) => columnReference(id, type));
    const output = scope.binder.newColumn(undefined, 'row', recordType);
    const column = scope.newColumn('row', recordType);
    const plan: LogicalPlan = {
      kind: 'project',
      input: exactPlan(select),
      expressions: [{ kind: 'row', fields, type: recordType }],
      outputs: [output],
    };
    this.records.push({
      column,
      expression: {
        kind: 'subquery',
        mode: 'scalar',
        plan,
        outputs: [output.id],
        test: undefined,
        type: recordType,
      },
    });
    return select.columns.map((field, ordinal) => ({
      kind: 'field',
      argument: columnReference(column.id, recordType),
      ordinal,
      name: field.name,
      type: field.type,
    }));
  }

  private mismatch(location: number | undefined): Error {
    return syntaxError(
      'number of columns does not match number of values',
      this.scope.position(location),
    );
  }
}
