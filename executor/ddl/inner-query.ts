// Queries that DDL runs over the data: validating constraints, filling CREATE TABLE AS.

import type { Batch, Datum } from '#common';
import { columnValue } from '#common';
import {
  bindStatement,
  optimize,
  type ParsedStatement,
  parseStatements,
  type PhysicalPlan,
} from '#planner';
import { again, type Execution } from '../contract.ts';
import { executePlan } from '../execute-plan.ts';
import type { UtilityStep } from './contract.ts';
import type { DdlStatement } from './statement.ts';

type Work<Result> = Generator<Exclude<UtilityStep, undefined>, Result>;

/** The first row of a query of our own making, or undefined. Names in the text must be qualified. */
export function* firstRow(ddl: DdlStatement, sql: string): Work<readonly Datum[] | undefined> {
  const [parsed] = parseStatements(sql);
  const plan = planOf(ddl, parsed);
  const execution = openPlan(ddl, plan);
  try {
    const batch = yield* nextBatch(execution);
    if (batch === undefined || batch.length === 0) return undefined;
    return plan.resultOrdinals.map((ordinal) => columnValue(batch.columns[ordinal], 0));
  } finally {
    execution.close();
  }
}

export function planOf(ddl: DdlStatement, parsed: ParsedStatement): PhysicalPlan {
  // What DDL asks for itself needs no privileges of the role.
  return optimize({ ...bindStatement(parsed, ddl.definitionContext), accesses: [] }, ddl.catalog);
}

export function openPlan(ddl: DdlStatement, plan: PhysicalPlan): Execution {
  return executePlan(plan, ddl.executionContext);
}

export function* nextBatch(execution: Execution): Work<Batch | undefined> {
  for (;;) {
    const pulled = execution.next();
    if (pulled !== again) return pulled;
    yield again;
  }
}
