// From text to something that can run: parse, bind, optimize, each once per text, catalog version and
// binding environment (search path, user, formats), through the shared plan cache.

import {
  databaseError,
  DatabaseError,
  Numeric,
  typeInput,
  type Datum,
  type SqlType,
} from '#common';
import {
  bindCallStatement,
  bindStatement,
  isPlanStale,
  isSamePlan,
  bindTableChecks,
  checkAccess,
  normalizeStatement,
  optimize,
  parseStatements,
  type BindContext,
  type BoundQuery,
  type LiftedLiteral,
  type NormalizedStatement,
  type ParsedStatement,
  type PhysicalPlan,
} from '#planner';
import { traced } from '../observability/tracing.ts';
import { fieldOf } from '../protocol/row-description.ts';
import { commandFields } from './commands/index.ts';
import { planningFunctions } from './function-context.ts';
import { innerQuery, newParsedStatement } from './inner-statement.ts';
import {
  emptyStatement,
  newStatement,
  returnsRows,
  severalCommands,
  unbound,
  visibleResults,
} from './new-statement.ts';
import type { CachedStatement } from './plan-cache.ts';
import type { Session } from './session.ts';

/** Their result columns are those of something that only the session knows. */
const sessionNodes = new Set(['FetchStmt', 'ExecuteStmt']);

export class StatementCompiler {
  private readonly session: Session;
  private environmentKey = '';
  private environmentVersion = -1;
  private environmentPath: readonly string[] = [];

  constructor(session: Session) {
    this.session = session;
  }

  /** What binding reads of the session, as a key. */
  private environment(): string {
    const { settings } = this.session;
    const path = this.session.searchPath();
    const version = settings.version;
    if (version !== this.environmentVersion || path !== this.environmentPath) {
      const { dateStyle, intervalStyle, timeZone } = settings.formats;
      const user = this.session.currentUser.name;
      this.environmentKey = [
        this.session.databaseName,
        user,
        path.join(','),
        dateStyle,
        intervalStyle,
        timeZone,
        settings.get('row_security'),
        settings.get('lattice.plan_feedback'),
        JSON.stringify(settings.numbers.costLimits ?? null),
        JSON.stringify(settings.numbers.adaptive ?? null),
        [...(settings.numbers.disabledPaths ?? [])].join(','),
      ].join('\u0001');
      this.environmentVersion = version;
      this.environmentPath = path;
    }
    return this.environmentKey;
  }

  /** The statements of a simple query's text, with the values of literals that were lifted out. */
  simple(text: string): readonly SimpleStatement[] {
    return (
      this.normalized(text) ??
      this.many(text).map((statement) => ({ statement, parameters: noParameters }))
    );
  }

  /** Through the cache by the text without its literals; undefined: to be taken literally. */
  private normalized(text: string): readonly SimpleStatement[] | undefined {
    if (this.session.hasUncommittedChanges) return undefined;
    const normalized = normalizeStatement(text);
    if (normalized === undefined || normalized.literals.length === 0) return undefined;
    const { server } = this.session;
    const key = `${this.environment()}\u0004${normalized.key}`;
    const cached = server.planCache.get(key)?.[0];
    let statement = cached;
    if (statement === undefined || statement.catalogVersion !== this.session.catalog().version) {
      statement = this.compileNormalized(normalized, text);
      if (statement === undefined) return undefined;
      server.metrics.planCacheMisses++;
      server.planCache.set(key, [statement]);
    } else {
      server.metrics.planCacheHits++;
    }
    const parameters = this.literalValues(statement, normalized.literals);
    return parameters === undefined ? undefined : [{ statement, parameters }];
  }

  /** undefined when the statement has to be bound with its literals in place, be it for an error's position. */
  private compileNormalized(
    normalized: NormalizedStatement,
    text: string,
  ): CachedStatement | undefined {
    try {
      const [parsed, ...others] = this.parse(normalized.text);
      if (parsed === undefined || others.length > 0) return undefined;
      const statement = newStatement(parsed, text, []);
      if (!statement.isQuery) return undefined;
      const bound = traced('bind', () =>
        bindStatement(parsed, { ...this.bindContext([]), literalParameters: normalized.literals }),
      );
      this.accept(statement, bound);
      statement.literals = normalized.literals;
      return statement;
    } catch (error) {
      if (error instanceof DatabaseError) return undefined;
      throw error;
    }
  }

  private literalValues(
    statement: CachedStatement,
    literals: readonly LiftedLiteral[],
  ): Datum[] | undefined {
    const formats = this.session.functions;
    try {
      const values = literals.map((literal, index) =>
        typeInput(statement.parameterTypes[index].oid)(literal.text, -1, formats),
      );
      const pinned = statement.bound!.pinnedParameters;
      return pinned.every(({ index, value }) => values[index] === value) ? values : undefined;
    } catch (error) {
      if (error instanceof DatabaseError) return undefined;
      throw error;
    }
  }

  /** The statements of a text, parsed only. */
  many(text: string): readonly CachedStatement[] {
    const { server } = this.session;
    const key = `${this.environment()}\u0002${text}`;
    const found = server.planCache.get(key);
    if (found !== undefined) {
      server.metrics.planCacheHits++;
      return found;
    }
    server.metrics.planCacheMisses++;
    const statements = this.parse(text).map((parsed) => newStatement(parsed, text, []));
    server.planCache.set(key, statements);
    return statements;
  }

  /** The one statement of a Parse message; an empty text gives a statement that does nothing. */
  single(text: string, parameterTypes: readonly (SqlType | undefined)[]): CachedStatement {
    const { server } = this.session;
    const types = parameterTypes.map((type) => type?.oid ?? 0).join(',');
    const key = `${this.environment()}\u0003${types}\u0002${text}`;
    const found = server.planCache.get(key);
    if (found !== undefined) {
      server.metrics.planCacheHits++;
      const [known] = found;
      if (this.isCurrent(known)) return known;
      // A new Parse has no columns yet that could change under the client.
      const renewed = this.renewed(known, parameterTypes);
      if (!this.session.hasUncommittedChanges) server.planCache.set(key, [renewed]);
      return renewed;
    }
    server.metrics.planCacheMisses++;
    const parsed = this.parse(text);
    if (parsed.length > 1) throw severalCommands();
    const statement = newStatement(parsed[0] ?? emptyStatement(text), text, parameterTypes);
    this.bind(statement, parameterTypes);
    const isShared = !this.session.hasUncommittedChanges && !sessionNodes.has(statement.node);
    if (isShared) server.planCache.set(key, [statement]);
    return statement;
  }

  /** The statement inside another (PREPARE, DECLARE, EXPLAIN): not shared. */
  inner(
    parsed: ParsedStatement,
    text: string,
    parameterTypes: readonly (SqlType | undefined)[],
  ): CachedStatement {
    const statement = newStatement(parsed, text, parameterTypes);
    this.bind(statement, parameterTypes);
    return statement;
  }

  /** The query of a cursor: its rows come with the keys that WHERE CURRENT OF needs. */
  cursor(
    parsed: ParsedStatement,
    text: string,
    parameterTypes: readonly (SqlType | undefined)[],
  ): CachedStatement {
    const statement = { ...newStatement(parsed, text, parameterTypes), forCursor: true };
    this.bind(statement, parameterTypes);
    return statement;
  }

  private parse(text: string): ParsedStatement[] {
    return traced('parse', () => parseStatements(text));
  }

  /** The statement under the catalog as it is now: itself, or a copy that was bound again. */
  current(
    statement: CachedStatement,
    parameterTypes: readonly (SqlType | undefined)[],
  ): CachedStatement {
    if (this.isCurrent(statement)) return statement;
    const fresh = this.renewed(statement, parameterTypes);
    if (statement !== fresh && statement.catalogVersion !== unbound)
      this.checkSameResult(statement, fresh);
    return fresh;
  }

  private isCurrent(statement: CachedStatement): boolean {
    return statement.catalogVersion === this.session.catalog().version && this.isForRole(statement);
  }

  /** Bound under the catalog as it is now. */
  private renewed(
    statement: CachedStatement,
    parameterTypes: readonly (SqlType | undefined)[],
  ): CachedStatement {
    const fresh =
      statement.catalogVersion === unbound && !this.session.hasUncommittedChanges
        ? statement
        : newStatement(statement.parsed, statement.text, parameterTypes);
    this.bind(fresh, parameterTypes);
    return fresh;
  }

  /** Row policies are bound for one role, which may have changed since (SET ROLE, row_security). */
  private isForRole({ bound, boundIn }: CachedStatement): boolean {
    return bound?.dependsOnRole !== true || boundIn === this.environment();
  }

  /** A prepared statement must not change its columns under the client. */
  private checkSameResult(before: CachedStatement, after: CachedStatement): void {
    const types = (statement: CachedStatement): string =>
      (statement.fields ?? []).map((field) => `${field.name}:${field.typeOid}`).join(',');
    if (before.isQuery && types(before) !== types(after)) {
      // JDBC and asyncpg prepare the statement anew when this function reports it.
      throw databaseError('featureNotSupported', 'cached plan must not change result type', {
        routine: 'RevalidateCachedQuery',
      });
    }
  }

  private bind(
    statement: CachedStatement,
    parameterTypes: readonly (SqlType | undefined)[] | undefined,
  ): void {
    if (statement.isQuery) {
      this.accept(
        statement,
        traced('bind', () => this.bindQuery(statement.parsed, parameterTypes, statement.forCursor)),
      );
      return;
    }
    statement.fields = commandFields(this.session, statement);
    statement.parameterTypes = this.innerParameterTypes(statement, parameterTypes);
    statement.catalogVersion = this.session.catalog().version;
  }

  /** EXPLAIN, DECLARE and CREATE TABLE AS have the parameters of the query inside them. */
  private innerParameterTypes(
    { parsed }: CachedStatement,
    parameterTypes: readonly (SqlType | undefined)[] | undefined,
  ): readonly SqlType[] {
    const query = innerQuery(parsed);
    if (parameterTypes !== undefined && 'CallStmt' in parsed.statement)
      return bindCallStatement(parsed, this.bindContext(parameterTypes)).query.parameterTypes;
    if (parameterTypes === undefined || query === undefined) return [];
    return this.bindQuery(newParsedStatement(parsed, query), parameterTypes).parameterTypes;
  }

  private accept(statement: CachedStatement, bound: BoundQuery): void {
    statement.bound = bound;
    statement.plan = undefined;
    if (bound.dependsOnRole) statement.boundIn = this.environment();
    statement.parameterTypes = bound.parameterTypes;
    statement.fields =
      bound.results.length === 0 && !returnsRows(bound)
        ? undefined
        : visibleResults(bound).map(fieldOf);
    statement.catalogVersion = this.session.catalog().version;
  }

  bindQuery(
    parsed: ParsedStatement,
    parameterTypes: readonly (SqlType | undefined)[] | undefined,
    forCursor?: boolean,
  ): BoundQuery {
    const context = this.bindContext(parameterTypes);
    return bindStatement(parsed, forCursor === true ? { ...context, forCursor } : context);
  }

  bindContext(parameterTypes: readonly (SqlType | undefined)[] | undefined): BindContext {
    const { session } = this;
    return {
      catalog: session.catalog(),
      searchPath: session.searchPath(),
      currentUser: session.currentUser.name,
      parameterTypes: parameterTypes ?? [],
      allowParameters: parameterTypes !== undefined,
      formatSettings: session.functions,
      rowSecurity: session.settings.boolean('row_security'),
    };
  }

  /** Binds a statement of a simple query, which has no parameters. */
  currentWithoutParameters(statement: CachedStatement): CachedStatement {
    if (statement.catalogVersion === this.session.catalog().version && this.isForRole(statement))
      return statement;
    const target = this.session.hasUncommittedChanges
      ? newStatement(statement.parsed, statement.text, [])
      : statement;
    this.bind(target, undefined);
    return target;
  }

  /** The plan of a statement over the tables as they are now: they have changed since it was bound. */
  recompiled(statement: CachedStatement): PhysicalPlan {
    const { parsed, text, parameterTypes, literals, forCursor } = statement;
    const fresh = {
      ...newStatement(parsed, text, parameterTypes),
      ...(forCursor === true ? { forCursor } : {}),
    };
    if (literals === undefined) this.bind(fresh, parameterTypes);
    else {
      const context = { ...this.bindContext([]), literalParameters: literals };
      this.accept(fresh, bindStatement(parsed, context));
    }
    this.checkSameResult(statement, fresh);
    return this.plan(fresh);
  }

  /** A costly plan is one for these values of the parameters, others are for any. */
  plan(statement: CachedStatement, parameters: readonly Datum[] = noParameters): PhysicalPlan {
    const { plan } = statement;
    const role = this.session.currentUser.oid;
    if (plan !== undefined && !isPlanStale(plan, this.session.catalog())) {
      if (statement.plannedFor !== role) this.checkAccess(statement, role);
      return statement.estimatedFor === undefined || parameters.length === 0
        ? plan
        : this.customPlan(statement, plan, parameters);
    }
    const fresh = traced('optimize', () => this.optimize(statement.bound!));
    statement.plan = fresh;
    statement.plannedFor = role;
    statement.estimatedFor = undefined;
    const wantsValues = fresh.dependsOnValues === true || fresh.root.totalCost >= costlyPlanMin;
    if (parameters.length === 0 || !wantsValues) return fresh;
    statement.steadyPlans = 0;
    return this.customPlan(statement, fresh, parameters);
  }

  /**
   * Estimated for the values; an equal plan is kept, since things are compiled for it. A quick plan that
   * stays the same for a few different values is taken for all.
   */
  private customPlan(
    statement: CachedStatement,
    plan: PhysicalPlan,
    parameters: readonly Datum[],
  ): PhysicalPlan {
    if (sameParameters(statement.estimatedFor, parameters)) return plan;
    const custom = traced('optimize', () => this.optimize(statement.bound!, parameters));
    statement.estimatedFor = parameters;
    if (!isSamePlan(plan, custom)) {
      statement.plan = custom;
      statement.steadyPlans = 0;
      return custom;
    }
    const isSteady = ++statement.steadyPlans >= steadyPlansMin;
    if (isSteady && custom.root.totalCost < costlyPlanMin) statement.estimatedFor = undefined;
    return plan;
  }

  /** Another role than before runs the plan (SET ROLE between PREPARE and EXECUTE). */
  private checkAccess(statement: CachedStatement, role: number): void {
    checkAccess(statement.bound!.accesses, this.session.catalog(), role);
    statement.plannedFor = role;
  }

  optimize(bound: BoundQuery, parameters?: readonly Datum[]): PhysicalPlan {
    const context = this.bindContext(undefined);
    const { costLimits, disabledPaths, adaptive } = this.session.settings.numbers;
    return optimize(bound, this.session.catalog(), {
      currentUser: this.session.currentUser.name,
      functions: planningFunctions(this.session.functions),
      checksFor: (table) => bindTableChecks(table, context),
      parameters,
      usesFeedback: this.session.settings.boolean('lattice.plan_feedback'),
      costLimits,
      adaptive,
      ...(costLimits === undefined ? {} : { rewriteCostMin: costLimits.rewrite }),
      ...(disabledPaths === undefined ? {} : { disabledPaths }),
    });
  }
}

/** A statement of a simple query and the values of its parameters. */
export interface SimpleStatement {
  readonly statement: CachedStatement;
  readonly parameters: readonly Datum[];
}

const noParameters: readonly Datum[] = [];
/** Above this cost, planning for the values at hand is a small part of the execution. */
const costlyPlanMin = 5000;
/** Equal plans for different values after which a quick one is not made anew any more. */
const steadyPlansMin = 5;

function sameParameters(left: readonly Datum[] | undefined, right: readonly Datum[]): boolean {
  return (
    left !== undefined &&
    left.length === right.length &&
    left.every((value, at) => Object.is(value, right[at]) || isSameObject(value, right[at]))
  );
}

function isSameObject(left: Datum, right: Datum): boolean {
  return (
    left instanceof Numeric && right instanceof Numeric && left.toString() === right.toString()
  );
}
