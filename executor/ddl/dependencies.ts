// What depends on what: the objects that go with an object, and those that only CASCADE may take
// (PostgreSQL's catalog/dependency.c over our descriptors, which say themselves what they use).

import {
  quoteIdentifier,
  type TriggerDescriptor,
  elementTypeOf,
  type Entry,
  type EntryDescriptor,
  type EntryUse,
  type IndexDescriptor,
  moduleOfType,
  queryOf,
  type RelationDescriptor,
  type StoredExpression,
  type TableDescriptor,
  type UserTypeDescriptor,
} from '#common';
import { extensionUses } from './extension-dependents.ts';
import {
  describeColumn,
  describeTarget,
  type DropTarget,
  targetKey,
} from './object-description.ts';
import { keysOverParents } from './incoming-keys.ts';
import { policyAttributes } from './policy-expression.ts';
import type { DdlStatement } from './statement.ts';
import { bindStoredText } from './stored-expression.ts';
import { viewReadsColumn } from './view-columns.ts';

export interface Dependent {
  readonly target: DropTarget;
  /** Goes along without a word: an index of a table, a serial's sequence. */
  readonly automatic: boolean;
  /** "view v depends on table t" */
  readonly message: string;
}

/** Everything that must go when the targets go, themselves not included; in PostgreSQL's order of report. */
export function findDependents(ddl: DdlStatement, targets: readonly DropTarget[]): Dependent[] {
  const uses = new Uses(ddl);
  const seen = new Set(targets.map(targetKey));
  const found: Dependent[] = [];
  // As PostgreSQL deletes: the newest first, whatever depends on an object before it. It reports in
  // the opposite order.
  const visit = (target: DropTarget): void => {
    for (const dependent of uses
      .of(target)
      .toSorted((left, right) => oidOf(right.target) - oidOf(left.target))) {
      const key = targetKey(dependent.target);
      if (seen.has(key)) continue;
      seen.add(key);
      visit(dependent.target);
      found.push(dependent);
    }
  };
  for (const target of targets) visit(target);
  return found.toReversed().filter((dependent) => !goesWithin(dependent.target, seen));
}

/** A constraint or default of a relation that goes as a whole need not be named. */
function goesWithin(target: DropTarget, seen: ReadonlySet<string>): boolean {
  if (target.kind === 'attribute') return seen.has(`type ${target.typeOid}`);
  if (target.kind === 'default') {
    const { tableOid, attributeNumber } = target;
    if (seen.has(targetKey({ kind: 'column', tableOid, attributeNumber }))) return true;
  }
  return 'tableOid' in target && seen.has(`relation ${target.tableOid}`);
}

/** The reverse of what descriptors say they use, read once per statement. */
class Uses {
  private readonly ddl: DdlStatement;
  private readonly relations: RelationDescriptor[];
  private readonly users = new Map<number, DropTarget[]>();
  private readonly entryUsers = new Map<number, [EntryDescriptor, EntryUse][]>();

  constructor(ddl: DdlStatement) {
    this.ddl = ddl;
    this.relations = [...ddl.catalog.userRelations()].sort((left, right) => left.oid - right.oid);
    for (const relation of this.relations) this.noteUses(relation);
    for (const type of ddl.catalog.types()) this.noteTypeUses(type);
    for (const { oid, dependencies } of ddl.catalog.routines()) {
      for (const used of dependencies) this.add(used, { kind: 'routine', oid });
    }
    for (const entry of ddl.catalog.userEntries()) {
      for (const use of entry.uses) {
        const list = this.entryUsers.get(use.oid);
        if (list === undefined) this.entryUsers.set(use.oid, [[entry, use]]);
        else list.push([entry, use]);
      }
    }
  }

  /** Entries that use a whole object, or one column of it. */
  private entriesOf(target: DropTarget): Dependent[] {
    const column = target.kind === 'column' ? target.attributeNumber : undefined;
    const found = new Map<number, Dependent>();
    for (const [{ oid }, use] of this.entryUsers.get(oidOf(target)) ?? []) {
      if (column !== undefined && use.column !== column) continue;
      const user: DropTarget = { kind: 'entry', oid };
      const isAutomatic = use.bond !== undefined || found.get(oid)?.automatic === true;
      found.set(oid, this.dependent(user, target, isAutomatic));
    }
    return [...found.values()];
  }

  private noteTypeUses({ oid, definition }: UserTypeDescriptor): void {
    if (definition.type === 'domain') {
      this.add(typeBelow(definition.base.oid), { kind: 'type', oid });
      this.add(definition.base.collation ?? 0, { kind: 'type', oid });
      this.note(definition.default, { kind: 'type', oid });
      for (const { expression } of definition.constraints)
        this.note(expression, { kind: 'type', oid });
    } else if (definition.type === 'range') {
      this.add(typeBelow(definition.subtype.oid), { kind: 'type', oid });
      this.add(definition.subtype.collation ?? 0, { kind: 'type', oid });
      this.add(definition.subtypeDiffOid ?? 0, { kind: 'type', oid });
    } else if (definition.type === 'composite') {
      for (const { dropped, type, attributeNumber } of definition.columns) {
        if (dropped) continue;
        const user = { kind: 'attribute', typeOid: oid, attributeNumber } as const;
        this.add(typeBelow(type.oid), user);
        this.add(type.collation ?? 0, user);
      }
    }
  }

  private noteUses(relation: RelationDescriptor): void {
    if ('triggers' in relation) {
      for (const { oid, functionOid, tableOid, condition } of relation.triggers ?? []) {
        this.add(functionOid, { kind: 'trigger', tableOid, oid });
        this.note(condition, { kind: 'trigger', tableOid, oid });
      }
    }
    if (relation.kind === 'table' || relation.kind === 'view') {
      for (const { oid, condition, actions } of relation.rules ?? []) {
        for (const part of [condition, ...actions])
          this.note(part, { kind: 'rule', tableOid: relation.oid, oid });
      }
    }
    this.note(queryOf(relation), { kind: 'relation', oid: relation.oid });
    if (relation.kind === 'view') {
      for (const { type } of relation.columns)
        if (moduleOfType(typeBelow(type.oid)) !== undefined)
          this.add(typeBelow(type.oid), { kind: 'relation', oid: relation.oid });
    }
    if (relation.kind !== 'table') return;
    if (relation.foreign !== undefined)
      this.add(relation.foreign.server, { kind: 'relation', oid: relation.oid });
    if (relation.ofTypeOid !== undefined)
      this.add(relation.ofTypeOid, { kind: 'relation', oid: relation.oid });
    for (const { expression } of relation.partitioning?.keys ?? [])
      this.note(expression, { kind: 'relation', oid: relation.oid });
    const tableOid = relation.oid;
    for (const column of relation.columns) {
      if (column.dropped) continue;
      const { attributeNumber } = column;
      this.note(column.default, { kind: 'default', tableOid, attributeNumber });
      this.note(column.generated, { kind: 'column', tableOid, attributeNumber });
      this.add(typeBelow(column.type.oid), { kind: 'column', tableOid, attributeNumber });
      this.add(column.type.collation ?? 0, { kind: 'column', tableOid, attributeNumber });
    }
    for (const { oid, using, check } of relation.policies ?? []) {
      this.note(using, { kind: 'policy', tableOid, oid });
      this.note(check, { kind: 'policy', tableOid, oid });
    }
    for (const constraint of relation.constraints) {
      if (constraint.type === 'check') {
        this.note(constraint.expression, { kind: 'constraint', tableOid, oid: constraint.oid });
      }
    }
    for (const index of relation.indexes) {
      const owner = relation.constraints.find(
        (constraint) => 'indexOid' in constraint && constraint.indexOid === index.oid,
      );
      const user: DropTarget =
        owner === undefined
          ? { kind: 'relation', oid: index.oid }
          : { kind: 'constraint', tableOid, oid: owner.oid };
      this.note(index.predicate, user);
      for (const { expression } of index.columns) this.note(expression, user);
    }
  }

  private note(expression: StoredExpression | undefined, user: DropTarget): void {
    for (const oid of expression?.dependencies ?? []) this.add(oid, user);
  }

  private add(oid: number, user: DropTarget): void {
    const list = this.users.get(oid);
    if (list === undefined) this.users.set(oid, [user]);
    else list.push(user);
  }

  of(target: DropTarget): Dependent[] {
    return [...this.ofKind(target), ...this.entriesOf(target)];
  }

  private ofKind(target: DropTarget): Dependent[] {
    switch (target.kind) {
      case 'schema':
        return this.ofSchema(target);
      case 'type':
        return (this.users.get(target.oid) ?? []).map((user) => {
          const name = this.ddl.typeText({ oid: target.oid, typmod: -1 });
          return this.ofNamedType(user, name, target.oid);
        });
      case 'relation':
        return this.ofRelation(target);
      case 'column':
        return this.ofColumn(target);
      case 'constraint':
        return this.ofConstraint(target);
      case 'routine':
      case 'entry':
      case 'collation': {
        const extension = this.ddl.catalog.entryByOid('extension', target.oid);
        if (extension !== undefined) return this.ofExtension(extension);
        return (this.users.get(target.oid) ?? []).map((user) =>
          this.dependent(user, target, false),
        );
      }
      case 'default':
      case 'attribute':
      case 'trigger':
      case 'policy':
      case 'rule':
        return [];
    }
  }

  private ofExtension(extension: Entry<'extension'>): Dependent[] {
    return [...extensionUses(this.ddl, extension, this.users, this.relations)].map(
      ({ user, used, automatic }) => ({
        target: user,
        automatic,
        message: `${describeTarget(this.ddl, user)} depends on ${used}`,
      }),
    );
  }

  private ofSchema(target: DropTarget & { kind: 'schema' }): Dependent[] {
    const relations = this.relations
      .filter((relation) => relation.schemaOid === target.oid && relation.kind !== 'index')
      .map((relation) => this.dependent({ kind: 'relation', oid: relation.oid }, target, false));
    const types = [...this.ddl.catalog.types()]
      .filter((type) => type.schemaOid === target.oid)
      .map((type) => this.dependent({ kind: 'type', oid: type.oid }, target, false));
    const routines = [...this.ddl.catalog.routines()]
      .filter((routine) => routine.schemaOid === target.oid)
      .map((routine) => this.dependent({ kind: 'routine', oid: routine.oid }, target, false));
    const entries = [...this.ddl.catalog.userEntries()]
      .filter((entry) => entry.schemaOid === target.oid)
      .map((entry) => this.dependent({ kind: 'entry', oid: entry.oid }, target, false));
    return [...relations, ...types, ...routines, ...entries];
  }

  private ofRelation(target: DropTarget & { kind: 'relation' }): Dependent[] {
    const relation = this.ddl.catalog.relationByOid(target.oid);
    const found = (this.users.get(target.oid) ?? []).map((user) =>
      this.dependent(user, target, false),
    );
    if (relation === undefined) return found;
    if ('rowTypeOid' in relation) {
      for (const user of this.users.get(relation.rowTypeOid) ?? [])
        found.push(this.ofType(user, relation));
    }
    if (relation.kind === 'index') found.push(...this.ofIndex(relation));
    if (relation.kind !== 'table') return found;
    for (const oid of relation.children ?? []) {
      // Partitions go with their parent, tables that inherit only under CASCADE.
      const isPartition = relation.partitioning !== undefined;
      found.push(this.dependent({ kind: 'relation', oid }, target, isPartition));
    }
    for (const { tableOid, constraintOid } of relation.referencedBy) {
      if (tableOid === relation.oid) continue;
      found.push(
        this.dependent({ kind: 'constraint', tableOid, oid: constraintOid }, target, false),
      );
    }
    // Their rows are in the partitions.
    for (const { tableOid, oid } of keysOverParents(this.ddl, relation))
      found.push(this.dependent({ kind: 'constraint', tableOid, oid }, target, false));
    for (const sequence of this.relations) {
      if (sequence.kind === 'sequence' && sequence.ownedBy?.tableOid === relation.oid) {
        found.push(this.dependent({ kind: 'relation', oid: sequence.oid }, target, true));
      }
    }
    return found;
  }

  /** The parts that partitions have of an index. */
  private ofIndex(index: IndexDescriptor): Dependent[] {
    const children = this.ddl.catalog.tableByOid(index.tableOid)?.children ?? [];
    return children.flatMap((oid) => {
      const part = this.ddl.catalog
        .tableByOid(oid)
        ?.indexes.find(({ parentOid }) => parentOid === index.oid);
      if (part === undefined) return [];
      const target: DropTarget = { kind: 'relation', oid: part.oid };
      return [this.dependent(target, { kind: 'relation', oid: index.oid }, true)];
    });
  }

  private ofType(user: DropTarget, relation: RelationDescriptor): Dependent {
    const oid = 'rowTypeOid' in relation ? relation.rowTypeOid : 0;
    return this.ofNamedType(user, this.ddl.displayName(relation), oid);
  }

  /** A column of arrays depends on the array type. */
  private ofNamedType(user: DropTarget, name: string, oid: number): Dependent {
    const column =
      user.kind === 'column'
        ? this.ddl.catalog.tableByOid(user.tableOid)?.columns[user.attributeNumber - 1]
        : undefined;
    const isArray = column !== undefined && elementTypeOf(column.type.oid) === oid;
    return {
      target: user,
      automatic: false,
      message: `${describeTarget(this.ddl, user)} depends on type ${name}${isArray ? '[]' : ''}`,
    };
  }

  private ofColumn(target: DropTarget & { kind: 'column' }): Dependent[] {
    const { tableOid, attributeNumber } = target;
    const table = this.ddl.catalog.tableByOid(tableOid);
    if (table === undefined) return [];
    const found: Dependent[] = [];
    for (const user of this.users.get(tableOid) ?? []) {
      if (user.kind === 'relation' && this.readsItself(user.oid, target)) {
        found.push(this.dependent(user, target, false));
      }
    }
    for (const constraint of table.constraints) {
      const isKey = constraint.type === 'primary' || constraint.type === 'unique';
      if (isKey && usesColumn(table, constraint.indexOid, attributeNumber)) {
        found.push(...this.ofKey(table, constraint.indexOid, target));
      }
    }
    for (const index of table.indexes) {
      if (usesColumn(table, index.oid, attributeNumber))
        found.push(...this.ofKey(table, index.oid, target));
    }
    for (const column of table.columns) {
      if (column.generated === undefined || column.dropped || column.generated.sql === '') continue;
      const { attributes } = bindStoredText(this.ddl, column.generated.sql, {
        place: 'generated',
        table,
        column,
      });
      if (!attributes.includes(attributeNumber)) continue;
      const user: DropTarget = {
        kind: 'column',
        tableOid,
        attributeNumber: column.attributeNumber,
      };
      found.push(this.dependent(user, target, false));
    }
    for (const trigger of table.triggers ?? []) {
      if (!triggerReads(trigger, table, attributeNumber)) continue;
      const user: DropTarget = { kind: 'trigger', tableOid, oid: trigger.oid };
      found.push(this.dependent(user, target, false));
    }
    for (const { oid, using, check } of table.policies ?? []) {
      const reads = [using, check].some(
        (stored) =>
          stored !== undefined &&
          policyAttributes(this.ddl, stored.sql, table).includes(attributeNumber),
      );
      if (reads) found.push(this.dependent({ kind: 'policy', tableOid, oid }, target, false));
    }
    const sequenceOid = table.columns[attributeNumber - 1]?.sequenceOid;
    if (sequenceOid !== undefined && this.ddl.catalog.relationByOid(sequenceOid) !== undefined) {
      found.push(this.dependent({ kind: 'relation', oid: sequenceOid }, target, true));
    }
    return found;
  }

  /** Foreign keys that a primary or unique constraint makes possible. */
  private ofConstraint(target: DropTarget & { kind: 'constraint' }): Dependent[] {
    const table = this.ddl.catalog.tableByOid(target.tableOid);
    const constraint = table?.constraints.find((candidate) => candidate.oid === target.oid);
    if (table === undefined || constraint === undefined) return [];
    if (constraint.type !== 'primary' && constraint.type !== 'unique') return [];
    return this.ofKey(table, constraint.indexOid, { kind: 'relation', oid: constraint.indexOid });
  }

  /** Does the view read the column, and not only through other views that do? */
  private readsItself(
    viewOid: number,
    { tableOid, attributeNumber }: DropTarget & { kind: 'column' },
  ): boolean {
    if (!viewReadsColumn(this.ddl, viewOid, tableOid, attributeNumber)) return false;
    const view = this.ddl.catalog.relationByOid(viewOid);
    const used = queryOf(view)?.dependencies ?? [];
    return !used.some((oid) => viewReadsColumn(this.ddl, oid, tableOid, attributeNumber));
  }

  private ofKey(table: TableDescriptor, indexOid: number, on: DropTarget): Dependent[] {
    const found: Dependent[] = [];
    for (const { tableOid, constraintOid } of table.referencedBy) {
      const referencing = this.ddl.catalog.tableByOid(tableOid);
      const constraint = referencing?.constraints.find(
        (candidate) => candidate.oid === constraintOid,
      );
      if (constraint?.type !== 'foreign' || constraint.referencedIndex !== indexOid) continue;
      const user: DropTarget = { kind: 'constraint', tableOid, oid: constraintOid };
      found.push(this.dependent(user, on, false));
    }
    return found;
  }

  private dependent(user: DropTarget, on: DropTarget, automatic: boolean): Dependent {
    const { ddl } = this;
    const described =
      on.kind === 'column'
        ? describeColumn(ddl, on.tableOid, on.attributeNumber)
        : describeTarget(ddl, on);
    return {
      target: user,
      automatic,
      message: `${describeTarget(ddl, user)} depends on ${described}`,
    };
  }
}

function usesColumn(table: TableDescriptor, indexOid: number, attributeNumber: number): boolean {
  const index = table.indexes.find((candidate) => candidate.oid === indexOid);
  return index?.columns.some((column) => column.attributeNumber === attributeNumber) ?? false;
}

function oidOf(target: DropTarget): number {
  if (target.kind === 'attribute') return target.typeOid;
  return 'oid' in target ? target.oid : target.tableOid;
}

/** The type of an array's elements, or the type itself. */
function typeBelow(oid: number): number {
  return elementTypeOf(oid) || oid;
}

/** UPDATE OF the column, or a condition that names it. */
function triggerReads(
  { columns, condition }: TriggerDescriptor,
  table: TableDescriptor,
  attributeNumber: number,
): boolean {
  if (columns.includes(attributeNumber)) return true;
  const name = table.columns[attributeNumber - 1]?.name;
  if (condition === undefined || name === undefined) return false;
  const references = condition.sql.matchAll(/\b(?:new|old)\.("(?:[^"]|"")+"|[a-z_][\w$]*)/g);
  return [...references].some(([, reference]) => reference === quoteIdentifier(name));
}
