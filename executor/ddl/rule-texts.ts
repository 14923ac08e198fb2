// The condition and the actions of a rule as the catalog keeps them: the texts that were written, with the
// names in them qualified. They are bound over the relation's columns as old and new, to be checked.

import type { Node, RuleStmt } from '@pgsql/types';
import {
  databaseError,
  type RuleEvent,
  type StoredExpression,
  type TableDescriptor,
  type ViewDescriptor,
} from '#common';
import {
  bindRuleDraft,
  bodyOf,
  type BoundRule,
  editText,
  namesSide,
  type ParsedStatement,
  ruleParts,
} from '#planner';
import { droppableFunctions } from '../routine-use.ts';
import { qualifyingEdits } from './qualified-text.ts';
import type { DdlStatement } from './statement.ts';

type Ruled = TableDescriptor | ViewDescriptor;

interface StoredRule {
  readonly condition: StoredExpression | undefined;
  readonly actions: readonly StoredExpression[];
}

/** 42P17, 0A000 and whatever binding the texts raises. */
export function storedRule(
  ddl: DdlStatement,
  statement: RuleStmt,
  relation: Ruled,
  event: RuleEvent,
): StoredRule {
  const { parsed } = ddl;
  const parts = ruleParts(parsed.sql, parsed.start, parsed.end);
  const nodes = statement.actions ?? [];
  const texts = parts.actions.map(({ start, end }) => parsed.sql.slice(start, end));
  const condition =
    parts.condition === undefined
      ? undefined
      : parsed.sql.slice(parts.condition.start, parts.condition.end).trim();
  checkSides(statement, nodes, event);
  checkReturning(statement, nodes);
  const bound = bindRuleDraft(
    relation,
    { event, condition, actions: texts },
    ddl.definitionContext,
  );
  checkResults(relation, nodes, bound);
  const stored = (node: Node, place: { start: number; end: number }, part: unknown) =>
    storedText(ddl, { node, place, part, relation });
  return {
    condition:
      parts.condition === undefined
        ? undefined
        : stored(statement.whereClause!, parts.condition, bound.condition),
    actions: nodes.map((node, at) => stored(node, parts.actions[at], bound.actions[at].plan)),
  };
}

function storedText(
  ddl: DdlStatement,
  {
    node,
    place,
    part,
    relation,
  }: {
    readonly node: Node;
    readonly place: { readonly start: number; readonly end: number };
    readonly part: unknown;
    readonly relation: Ruled;
  },
): StoredExpression {
  const { parsed } = ddl;
  const query: ParsedStatement = { ...parsed, statement: node };
  const { edits, dependencies } = qualifyingEdits(ddl, query, droppableFunctions([part]));
  const shifted = edits.map((edit) => ({
    ...edit,
    start: edit.start - place.start,
    end: edit.end - place.start,
  }));
  const sql = editText(parsed.sql.slice(place.start, place.end), shifted).trim();
  return { sql, dependencies: dependencies.filter((oid) => oid !== relation.oid) };
}

/** OLD is what INSERT does not have, NEW what DELETE does not. */
function checkSides(statement: RuleStmt, nodes: readonly Node[], event: RuleEvent): void {
  const all = [...nodes, ...(statement.whereClause === undefined ? [] : [statement.whereClause])];
  const names = (side: 'old' | 'new'): boolean => all.some((node) => namesSide(node, side));
  if (event === 'insert' && names('old'))
    throw databaseError('invalidObjectDefinition', 'ON INSERT rule cannot use OLD');
  if (event === 'delete' && names('new'))
    throw databaseError('invalidObjectDefinition', 'ON DELETE rule cannot use NEW');
}

function returningOf(node: Node): readonly unknown[] | undefined {
  const body =
    bodyOf(node, 'InsertStmt') ?? bodyOf(node, 'UpdateStmt') ?? bodyOf(node, 'DeleteStmt');
  return body?.returningClause?.exprs;
}

function checkReturning(statement: RuleStmt, nodes: readonly Node[]): void {
  const count = nodes.filter((node) => returningOf(node) !== undefined).length;
  const refuse = (message: string): never => {
    throw databaseError('featureNotSupported', message);
  };
  if (count > 1) refuse('cannot have multiple RETURNING lists in a rule');
  if (count === 0) return;
  if (statement.whereClause !== undefined)
    refuse('RETURNING lists are not supported in conditional rules');
  if (statement.instead !== true) refuse('RETURNING lists are not supported in non-INSTEAD rules');
}

/** RETURNING of an action gives the columns of the relation (PostgreSQL's checkRuleResultList()). 42P17. */
function checkResults(relation: Ruled, nodes: readonly Node[], bound: BoundRule): void {
  const columns = relation.columns.filter(({ dropped }) => !dropped);
  nodes.forEach((node, at) => {
    if (returningOf(node) === undefined) return;
    const results = bound.actions[at].columns;
    const refuse = (message: string): never => {
      throw databaseError('invalidObjectDefinition', message);
    };
    results.forEach(({ type }, index) => {
      const column = columns[index];
      if (column === undefined) refuse('RETURNING list has too many entries');
      if (type.oid !== column.type.oid)
        refuse(
          `RETURNING list's entry ${index + 1} has different type from column "${column.name}"`,
        );
      if (type.typmod !== column.type.typmod && type.typmod !== -1)
        refuse(
          `RETURNING list's entry ${index + 1} has different size from column "${column.name}"`,
        );
    });
    if (results.length < columns.length) refuse('RETURNING list has too few entries');
  });
}
