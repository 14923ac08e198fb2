// Drops objects with what depends on them: under RESTRICT that is an error that names it, under CASCADE it is
// reported and goes first.

import { databaseError } from '#common';
import { TableLock } from '#storage';
import { requireNoMember } from './extension-members.ts';
import { findDependents, type Dependent } from './dependencies.ts';
import { removeAttribute } from './drop-types.ts';
import { describeTarget, type DropTarget } from './object-description.ts';
import type { DdlStatement } from './statement.ts';
import { removePolicy } from './policies.ts';
import { removeRule } from './rules.ts';
import {
  removeTrigger,
  removeRelation,
  removeConstraint,
  removeDefault,
  removeColumn,
} from './remove-objects.ts';

export interface DropOptions {
  readonly cascade: boolean;
  /** No notices of what goes along. */
  readonly quiet?: boolean;
}

/** Drops relations by oid, with what depends on them under CASCADE. 2BP01. */
export function dropObjects(
  ddl: DdlStatement,
  oids: readonly number[],
  options: DropOptions,
): void {
  dropTargets(
    ddl,
    oids.map((oid): DropTarget => ({ kind: 'relation', oid })),
    options,
  );
}

export function dropTargets(
  ddl: DdlStatement,
  targets: readonly DropTarget[],
  options: DropOptions,
): void {
  if (targets.length === 0) return;
  for (const target of targets) if ('oid' in target) ddl.originals.add(target.oid);
  const dependents = findDependents(ddl, targets);
  requireRequired(ddl, targets);
  requireNoMember(ddl, targets);
  report(ddl, targets, dependents, options);
  const all = [...targets, ...dependents.map((dependent) => dependent.target)];
  for (const target of all) lockTarget(ddl, target);
  // Parts of tables that stay go first, then relations, then schemas.
  for (const target of all) {
    if (target.kind === 'constraint') removeConstraint(ddl, target.tableOid, target.oid);
    else if (target.kind === 'default') removeDefault(ddl, target.tableOid, target.attributeNumber);
    else if (target.kind === 'column') removeColumn(ddl, target.tableOid, target.attributeNumber);
  }
  for (const target of all) {
    if (target.kind === 'trigger') removeTrigger(ddl, target.tableOid, target.oid);
    else if (target.kind === 'policy') removePolicy(ddl, target.tableOid, target.oid);
    else if (target.kind === 'rule') removeRule(ddl, target.tableOid, target.oid);
  }
  for (const target of all) if (target.kind === 'relation') removeRelation(ddl, target.oid);
  for (const target of all) {
    const routine = target.kind === 'routine' ? ddl.catalog.routineByOid(target.oid) : undefined;
    if (routine !== undefined) ddl.changes.remove(routine);
    const entry = target.kind === 'entry' ? ddl.catalog.state.find(target.oid) : undefined;
    if (entry?.kind === 'entry') ddl.changes.remove(entry);
    const collation =
      target.kind === 'collation' ? ddl.catalog.collationByOid(target.oid) : undefined;
    if (collation !== undefined) ddl.changes.remove(collation);
  }
  for (const target of all) {
    if (target.kind === 'attribute') removeAttribute(ddl, target.typeOid, target.attributeNumber);
    const type = target.kind === 'type' ? ddl.catalog.typeByOid(target.oid) : undefined;
    if (type !== undefined) ddl.changes.remove(type);
  }
  for (const target of all) {
    const schema = target.kind === 'schema' ? ddl.catalog.schemaByOid(target.oid) : undefined;
    if (schema !== undefined) ddl.changes.remove(schema);
  }
}

/** The sequence of an identity column goes with the column only. */
function requireRequired(ddl: DdlStatement, targets: readonly DropTarget[]): void {
  for (const target of targets) {
    if (target.kind !== 'relation') continue;
    const sequence = ddl.catalog.relationByOid(target.oid);
    if (sequence?.kind !== 'sequence' || sequence.ownedBy === undefined) continue;
    const { tableOid, attributeNumber } = sequence.ownedBy;
    if (targets.some((other) => other.kind === 'relation' && other.oid === tableOid)) continue;
    const column = ddl.catalog.tableByOid(tableOid)?.columns[attributeNumber - 1];
    if (column?.identity === undefined || column.sequenceOid !== sequence.oid) continue;
    const owner = describeTarget(ddl, { kind: 'column', tableOid, attributeNumber });
    throw databaseError(
      'dependentObjectsStillExist',
      `cannot drop sequence ${ddl.displayName(sequence)} because ${owner} requires it`,
      { hint: `You can drop ${owner} instead.` },
    );
  }
}

/** Lines of one message past this many are counted only, as PostgreSQL does. */
const reportedMax = 100;

function report(
  ddl: DdlStatement,
  targets: readonly DropTarget[],
  dependents: readonly Dependent[],
  options: DropOptions,
): void {
  const reported = dependents.filter((dependent) => !dependent.automatic);
  if (reported.length === 0) return;
  if (!options.cascade) {
    const what =
      targets.length === 1
        ? `cannot drop ${describeTarget(ddl, targets[0])} because other objects depend on it`
        : 'cannot drop desired object(s) because other objects depend on them';
    throw databaseError('dependentObjectsStillExist', what, {
      detail: lines(
        reported.map(({ message }) => message),
        'other objects (see server log for list)',
      ),
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    });
  }
  if (options.quiet === true) return;
  const names = reported.map(({ target }) => `drop cascades to ${describeTarget(ddl, target)}`);
  if (names.length === 1) ddl.notice(names[0]);
  else {
    ddl.notice(
      `drop cascades to ${names.length} other objects`,
      undefined,
      lines(names, 'other objects (see server log for list)'),
    );
  }
}

function lines(all: readonly string[], rest: string): string {
  if (all.length <= reportedMax) return all.join('\n');
  return [...all.slice(0, reportedMax), `and ${all.length - reportedMax} ${rest}`].join('\n');
}

function lockTarget(ddl: DdlStatement, target: DropTarget): void {
  const oid =
    target.kind === 'relation' ? target.oid : 'tableOid' in target ? target.tableOid : undefined;
  if (oid === undefined) return;
  const relation = ddl.catalog.relationByOid(oid);
  if (relation === undefined) return;
  const locked = relation.kind === 'index' ? relation.tableOid : oid;
  ddl.transaction.lockTable(locked, TableLock.accessExclusive);
  ddl.changes.forUpdate(locked);
}
