// CREATE, ALTER and DROP SUBSCRIPTION (subscriptioncmds.c). Subscriptions are kept and shown; nothing
// connects to a publisher, so what would have to answers 0A000, and connect = false is how they are made.

import type {
  AlterSubscriptionStmt,
  CreateSubscriptionStmt,
  DropSubscriptionStmt,
} from '@pgsql/types';
import { databaseError, type DefinitionOf, type Entry, notSupported } from '#common';
import { definitionElements, stringsOf } from '#planner';
import { notInTransactionBlock } from '../errors.ts';
import type { DdlStatement } from '../statement.ts';
import { addEntry, newest, redefine } from './alter-entries.ts';
import { checkConnectionString } from './connection-string.ts';
import { requireEntryOwner, requireSuperuser } from './entry-owner.ts';
import { requireNamed } from './entry-references.ts';
import { readSubscriptionOptions, type SubscriptionOptions } from './subscription-options.ts';

type Subscription = Entry<'subscription'>;
type Definition = DefinitionOf<'subscription'>;

/** The parts of a definition that options change. */
function changedBy(
  options: SubscriptionOptions,
): Partial<Omit<Definition, 'class' | 'slot' | 'skip'>> {
  const { synchronous_commit, binary, streaming, two_phase, disable_on_error } = options;
  return {
    ...(synchronous_commit === undefined ? {} : { synchronousCommit: synchronous_commit }),
    ...(binary === undefined ? {} : { binary }),
    ...(streaming === undefined ? {} : { streaming }),
    ...(two_phase === undefined ? {} : { twoPhase: two_phase }),
    ...(disable_on_error === undefined ? {} : { disableOnError: disable_on_error }),
  };
}

/** 42710 for a name that comes twice. */
function publicationNames(nodes: CreateSubscriptionStmt['publication']): string[] {
  const names = stringsOf(nodes);
  for (const [place, name] of names.entries()) {
    if (names.indexOf(name) !== place)
      throw databaseError('duplicateObject', `publication name "${name}" used more than once`);
  }
  return names;
}

export function createSubscription(ddl: DdlStatement, statement: CreateSubscriptionStmt): string {
  const name = statement.subname ?? '';
  const options = readSubscriptionOptions(ddl, definitionElements(statement.options), [
    'connect',
    'enabled',
    'create_slot',
    'slot_name',
    'copy_data',
    'synchronous_commit',
    'binary',
    'streaming',
    'two_phase',
    'disable_on_error',
  ]);
  const connects = options.connect ?? true;
  if ((options.create_slot ?? connects) && ddl.context.inTransactionBlock)
    throw notInTransactionBlock('CREATE SUBSCRIPTION ... WITH (create_slot = true)');
  requireSuperuser(ddl, 'must be superuser to create subscriptions');
  if (ddl.catalog.findEntry('subscription', 0, name) !== undefined)
    throw databaseError('duplicateObject', `subscription "${name}" already exists`);
  const publications = publicationNames(statement.publication);
  const connection = statement.conninfo ?? '';
  checkConnectionString(connection);
  if (connects) throw cannotConnect();
  const slot = options.slot_name === undefined ? name : options.slot_name;
  addEntry(ddl, {
    name,
    definition: {
      class: 'subscription',
      enabled: options.enabled ?? false,
      binary: false,
      streaming: false,
      twoPhase: false,
      disableOnError: false,
      synchronousCommit: 'off',
      ...changedBy(options),
      connection,
      ...(slot === null ? {} : { slot }),
      publications,
    },
  });
  ddl.warning(
    'tables were not subscribed, you will have to run ALTER SUBSCRIPTION ... REFRESH PUBLICATION to subscribe the tables',
  );
  return 'CREATE SUBSCRIPTION';
}

function cannotConnect(): Error {
  return notSupported('a subscription that connects to its publisher', {
    hint: 'Create it WITH (connect = false), and SET (slot_name = NONE) before it is dropped.',
  });
}

export function alterSubscription(ddl: DdlStatement, statement: AlterSubscriptionStmt): string {
  const subscription = newest(ddl, requireNamed(ddl, 'subscription', statement.subname ?? ''));
  requireEntryOwner(ddl, subscription);
  const { definition } = subscription;
  const elements = definitionElements(statement.options);
  switch (statement.kind) {
    case 'ALTER_SUBSCRIPTION_CONNECTION': {
      const connection = statement.conninfo ?? '';
      checkConnectionString(connection);
      redefine(ddl, subscription, { ...definition, connection });
      break;
    }
    case 'ALTER_SUBSCRIPTION_ENABLED': {
      const options = readSubscriptionOptions(ddl, elements, ['enabled']);
      enable(ddl, subscription, options.enabled === true);
      break;
    }
    case 'ALTER_SUBSCRIPTION_SET_PUBLICATION':
    case 'ALTER_SUBSCRIPTION_ADD_PUBLICATION':
    case 'ALTER_SUBSCRIPTION_DROP_PUBLICATION':
      changePublications(ddl, subscription, statement);
      break;
    case 'ALTER_SUBSCRIPTION_REFRESH':
      readSubscriptionOptions(ddl, elements, ['copy_data']);
      refresh(ddl, definition, { command: 'ALTER SUBSCRIPTION ... REFRESH' });
      break;
    case 'ALTER_SUBSCRIPTION_SKIP': {
      requireSuperuser(ddl, 'must be superuser to skip transaction');
      const { lsn } = readSubscriptionOptions(ddl, elements, ['lsn']);
      const { skip: _skip, ...rest } = definition;
      redefine(ddl, subscription, lsn == null ? rest : { ...rest, skip: lsn });
      break;
    }
    default:
      setOptions(ddl, subscription, elements);
  }
  return 'ALTER SUBSCRIPTION';
}

function setOptions(
  ddl: DdlStatement,
  subscription: Subscription,
  elements: ReturnType<typeof definitionElements>,
): void {
  const options = readSubscriptionOptions(ddl, elements, [
    'slot_name',
    'synchronous_commit',
    'binary',
    'streaming',
    'disable_on_error',
  ]);
  const { slot: old, ...rest } = subscription.definition;
  if (options.slot_name === null && rest.enabled) {
    throw databaseError(
      'objectNotInPrerequisiteState',
      'cannot set slot_name = NONE for enabled subscription',
    );
  }
  const slot = options.slot_name === undefined ? old : options.slot_name;
  redefine(ddl, subscription, {
    ...rest,
    ...changedBy(options),
    ...(slot == null ? {} : { slot }),
  });
}

function enable(ddl: DdlStatement, subscription: Subscription, enabled: boolean): void {
  const { definition } = subscription;
  if (enabled && definition.slot === undefined) {
    throw databaseError(
      'objectNotInPrerequisiteState',
      'cannot enable subscription that does not have a slot name',
    );
  }
  redefine(ddl, subscription, { ...definition, enabled });
}

/** 55000 for a disabled one, 25001 in a block; then it would have to connect. */
function refresh(
  ddl: DdlStatement,
  { enabled }: Definition,
  { command, hint }: { readonly command: string; readonly hint?: string },
): never {
  if (!enabled) {
    throw databaseError(
      'objectNotInPrerequisiteState',
      `${command} is not allowed for disabled subscriptions`,
      hint === undefined ? {} : { hint },
    );
  }
  if (ddl.context.inTransactionBlock) throw notInTransactionBlock(command);
  throw cannotConnect();
}

const refreshHints: Readonly<Record<string, string>> = {
  ALTER_SUBSCRIPTION_SET_PUBLICATION:
    'Use ALTER SUBSCRIPTION ... SET PUBLICATION ... WITH (refresh = false).',
  ALTER_SUBSCRIPTION_ADD_PUBLICATION:
    'Use ALTER SUBSCRIPTION ... ADD PUBLICATION ... WITH (refresh = false) instead.',
  ALTER_SUBSCRIPTION_DROP_PUBLICATION:
    'Use ALTER SUBSCRIPTION ... DROP PUBLICATION ... WITH (refresh = false) instead.',
};

function changePublications(
  ddl: DdlStatement,
  subscription: Subscription,
  statement: AlterSubscriptionStmt,
): void {
  const options = readSubscriptionOptions(ddl, definitionElements(statement.options), [
    'copy_data',
    'refresh',
  ]);
  const { definition } = subscription;
  const names = publicationNames(statement.publication);
  const publications = changedList(subscription, statement.kind, names);
  if (options.refresh ?? true) {
    const hint = refreshHints[statement.kind ?? ''];
    refresh(ddl, definition, { command: 'ALTER SUBSCRIPTION with refresh', hint });
  }
  redefine(ddl, subscription, { ...definition, publications });
}

function changedList(
  { name, definition }: Subscription,
  kind: string | undefined,
  names: readonly string[],
): readonly string[] {
  if (kind === 'ALTER_SUBSCRIPTION_SET_PUBLICATION') return names;
  const isAdded = kind === 'ALTER_SUBSCRIPTION_ADD_PUBLICATION';
  for (const each of names) {
    if (definition.publications.includes(each) !== isAdded) continue;
    throw isAdded
      ? databaseError(
          'duplicateObject',
          `publication "${each}" is already in subscription "${name}"`,
        )
      : databaseError(
          'invalidObjectDefinition',
          `publication "${each}" is not in subscription "${name}"`,
        );
  }
  if (isAdded) return [...definition.publications, ...names];
  const left = definition.publications.filter((each) => !names.includes(each));
  if (left.length > 0) return left;
  throw databaseError(
    'invalidObjectDefinition',
    'cannot drop all the publications from a subscription',
  );
}

export function dropSubscription(ddl: DdlStatement, statement: DropSubscriptionStmt): string {
  const name = statement.subname ?? '';
  const found = ddl.catalog.findEntry('subscription', 0, name);
  if (found === undefined) {
    const message = `subscription "${name}" does not exist`;
    if (statement.missing_ok !== true) throw databaseError('undefinedObject', message);
    ddl.notice(`${message}, skipping`);
    return 'DROP SUBSCRIPTION';
  }
  const subscription = newest(ddl, found);
  requireEntryOwner(ddl, subscription);
  const { slot } = subscription.definition;
  if (slot !== undefined) {
    if (ddl.context.inTransactionBlock) throw notInTransactionBlock('DROP SUBSCRIPTION');
    throw databaseError(
      'connectionFailure',
      `could not connect to publisher when attempting to drop replication slot "${slot}": subscriptions do not connect here`,
      {
        hint: 'Use ALTER SUBSCRIPTION ... DISABLE to disable the subscription, and then use ALTER SUBSCRIPTION ... SET (slot_name = NONE) to disassociate it from the slot.',
      },
    );
  }
  ddl.changes.remove(subscription);
  return 'DROP SUBSCRIPTION';
}
