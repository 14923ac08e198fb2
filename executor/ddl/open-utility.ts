// Utility statements by parse node: adding one is a file and a line in the table below. What waits or
// yields is a generator; what is done at once is a plain function.

import type { Node } from '@pgsql/types';
import { databaseError, notSupported } from '#common';
import { nodeTag, type ParsedStatement } from '#planner';
import { alterTable } from './alter-table.ts';
import { refreshCollation } from './collations.ts';
import { commandTag } from './command-tag.ts';
import { comment } from './comments.ts';
import type { UtilityContext, UtilityExecution, UtilityStep, UtilityWork } from './contract.ts';
import {
  alterServer,
  alterWrapper,
  createServer,
  createWrapper,
  importForeignSchema,
} from './entries/foreign-data.ts';
import { createCast } from './entries/casts.ts';
import { alterEventTrigger, createEventTrigger } from './entries/event-triggers.ts';
import { EventFiring } from './event-firing.ts';
import { createConversion } from './entries/conversions.ts';
import {
  createAccessMethod,
  createLanguage,
  createTransform,
} from './entries/methods-and-languages.ts';
import {
  alterOperatorFamily,
  createOperatorClass,
  createOperatorFamily,
} from './entries/operator-classes.ts';
import { alterOperator } from './entries/operators.ts';
import { alterConfiguration, alterDictionary } from './entries/text-search-objects.ts';
import { alterPublication, createPublication } from './entries/publications.ts';
import {
  alterSubscription,
  createSubscription,
  dropSubscription,
} from './entries/subscriptions.ts';
import { alterUserMapping, createUserMapping, dropUserMapping } from './entries/user-mappings.ts';
import { createTableAs, selectInto } from './create-table-as.ts';
import { createTable } from './create-table.ts';
import { alterDatabase, alterDatabaseSet, createDatabase, dropDatabase } from './databases.ts';
import { alterDefaultPrivileges } from './default-privileges.ts';
import { define } from './define.ts';
import { dropStatement } from './drop.ts';
import { createCompositeType } from './composite-types.ts';
import { alterDomain, createDomain } from './domains.ts';
import { alterEnum, createEnum } from './enums.ts';
import { alterExtensionContents } from './extension-members.ts';
import { alterExtension, createExtension } from './extensions.ts';
import { createRange } from './range-types.ts';
import { grant } from './grants.ts';
import { createForeignTable } from './create-foreign-table.ts';
import { createIndex } from './indexes.ts';
import { checkpoint, cluster, lockTables, vacuum } from './maintenance.ts';
import { reindex } from './reindex.ts';
import { alterOwner, dropOwned, reassignOwned } from './owners.ts';
import { refreshMaterializedView } from './materialized-views.ts';
import { moveAll } from './move-all.ts';
import { alterPolicy, createPolicy } from './policies.ts';
import { createRule } from './rules.ts';
import { rename, setSchema } from './rename.ts';
import { alterRole, alterRoleSet, createRole, dropRoles, grantRole } from './roles.ts';
import { alterFunction } from './alter-routine.ts';
import { createFunction } from './routines.ts';
import { createTrigger } from './triggers.ts';
import { createSchema } from './schemas.ts';
import { alterSequence, createSequence } from './sequences.ts';
import { DdlStatement } from './statement.ts';
import { alterStatistics, createStatistics } from './statistics-objects.ts';
import { alterTablespace, createTablespace, dropTablespace } from './tablespaces.ts';
import { truncate } from './truncate.ts';
import { createView } from './views.ts';

type Handler = (ddl: DdlStatement, statement: never) => string | UtilityWork;

const handlers: Readonly<Record<string, Handler>> = {
  CreateStmt: createTable,
  CreateTableAsStmt: createTableAs,
  SelectStmt: selectInto,
  AlterTableStmt: alterTable,
  AlterTableMoveAllStmt: moveAll,
  IndexStmt: createIndex,
  ViewStmt: createView,
  RefreshMatViewStmt: refreshMaterializedView,
  CreateEnumStmt: createEnum,
  CreateRangeStmt: createRange,
  AlterEnumStmt: alterEnum,
  CompositeTypeStmt: createCompositeType,
  CreateDomainStmt: createDomain,
  AlterDomainStmt: alterDomain,
  CreateSeqStmt: createSequence,
  AlterSeqStmt: alterSequence,
  CreateSchemaStmt: createSchemaWithElements,
  DropStmt: dropStatement,
  TruncateStmt: truncate,
  CommentStmt: comment,
  RenameStmt: rename,
  AlterObjectSchemaStmt: setSchema,
  AlterOwnerStmt: alterOwner,
  ReassignOwnedStmt: reassignOwned,
  DropOwnedStmt: dropOwned,
  CreatedbStmt: createDatabase,
  CreateTableSpaceStmt: createTablespace,
  AlterTableSpaceOptionsStmt: alterTablespace,
  DropTableSpaceStmt: dropTablespace,
  AlterDatabaseStmt: alterDatabase,
  AlterDatabaseSetStmt: alterDatabaseSet,
  DropdbStmt: dropDatabase,
  CreateRoleStmt: createRole,
  AlterRoleStmt: alterRole,
  AlterRoleSetStmt: alterRoleSet,
  DropRoleStmt: dropRoles,
  GrantRoleStmt: grantRole,
  GrantStmt: grant,
  AlterDefaultPrivilegesStmt: alterDefaultPrivileges,
  DefineStmt: define,
  AlterCollationStmt: refreshCollation,
  CreateFunctionStmt: createFunction,
  AlterFunctionStmt: alterFunction,
  RuleStmt: createRule,
  CreatePolicyStmt: createPolicy,
  AlterPolicyStmt: alterPolicy,
  CreateTrigStmt: createTrigger,
  CreateExtensionStmt: createExtension,
  AlterExtensionStmt: alterExtension,
  AlterExtensionContentsStmt: alterExtensionContents,
  CreateStatsStmt: createStatistics,
  AlterStatsStmt: alterStatistics,
  AlterOperatorStmt: alterOperator,
  CreateOpClassStmt: createOperatorClass,
  CreateOpFamilyStmt: createOperatorFamily,
  AlterOpFamilyStmt: alterOperatorFamily,
  CreateCastStmt: createCast,
  CreateConversionStmt: createConversion,
  AlterTSDictionaryStmt: alterDictionary,
  AlterTSConfigurationStmt: alterConfiguration,
  CreateAmStmt: createAccessMethod,
  CreatePLangStmt: createLanguage,
  CreateTransformStmt: createTransform,
  CreateForeignTableStmt: createForeignTable,
  CreateFdwStmt: createWrapper,
  AlterFdwStmt: alterWrapper,
  CreateForeignServerStmt: createServer,
  AlterForeignServerStmt: alterServer,
  ImportForeignSchemaStmt: importForeignSchema,
  CreateUserMappingStmt: createUserMapping,
  AlterUserMappingStmt: alterUserMapping,
  DropUserMappingStmt: dropUserMapping,
  CreatePublicationStmt: createPublication,
  AlterPublicationStmt: alterPublication,
  CreateSubscriptionStmt: createSubscription,
  AlterSubscriptionStmt: alterSubscription,
  DropSubscriptionStmt: dropSubscription,
  CreateEventTrigStmt: createEventTrigger,
  AlterEventTrigStmt: alterEventTrigger,
  VacuumStmt: vacuum,
  ReindexStmt: reindex,
  ClusterStmt: cluster,
  CheckPointStmt: checkpoint,
  LockStmt: lockTables,
};

/** Statements that change nothing that a reader could see; they may run in a read-only transaction. */
const readOnlyStatements = new Set([
  'LockStmt',
  'CheckPointStmt',
  'VacuumStmt',
  'ReindexStmt',
  'ClusterStmt',
]);

/** Starts a statement that is neither a query nor a command of the session. 0A000, 25006. */
export function openUtility(parsed: ParsedStatement, context: UtilityContext): UtilityExecution {
  return new Utility(parsed, context);
}

class Utility implements UtilityExecution {
  tag = '';
  private readonly parsed: ParsedStatement;
  private work: UtilityWork | undefined = undefined;
  private started = false;
  private events: EventFiring | undefined = undefined;
  private readonly ddl: DdlStatement;

  constructor(parsed: ParsedStatement, context: UtilityContext) {
    this.parsed = parsed;
    this.ddl = new DdlStatement(parsed, context);
  }

  next(): UtilityStep {
    if (!this.started) {
      this.started = true;
      this.events = EventFiring.open(this.ddl, this.parsed.statement);
      this.events?.start(this.ddl);
      const result = runNode(this.ddl, this.parsed.statement);
      if (typeof result === 'string') {
        this.tag = result;
        this.events?.end(this.ddl);
        return undefined;
      }
      this.work = result;
    }
    const step = this.work?.next();
    if (step === undefined) return undefined;
    if (step.done === true) {
      this.tag = step.value;
      this.work = undefined;
      this.events?.end(this.ddl);
      return undefined;
    }
    return step.value;
  }

  close(): void {
    this.work?.return('');
    this.work = undefined;
  }
}

function runNode(ddl: DdlStatement, node: Node): string | UtilityWork {
  const tag = nodeTag(node);
  const handler = Object.hasOwn(handlers, tag) ? handlers[tag] : undefined;
  if (handler === undefined) throw notSupported(`statement ${commandTag(node)}`);
  if (ddl.transaction.readOnly && !readOnlyStatements.has(tag)) {
    throw databaseError(
      'readOnlySqlTransaction',
      `cannot execute ${commandTag(node)} in a read-only transaction`,
    );
  }
  return handler(ddl, (node as Record<string, unknown>)[tag] as never);
}

function* createSchemaWithElements(ddl: DdlStatement, statement: never): UtilityWork {
  const made = createSchema(ddl, statement);
  if (made === undefined) return 'CREATE SCHEMA';
  const searchPath = [made.schema.name, ...ddl.context.searchPath];
  for (const element of made.elements) {
    const inner = new DdlStatement(ddl.parsed, { ...ddl.context, searchPath });
    const result = runNode(inner, element);
    if (typeof result !== 'string') yield* result;
  }
  return 'CREATE SCHEMA';
}
