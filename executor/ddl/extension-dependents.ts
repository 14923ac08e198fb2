// What depends on an extension: the objects that were added to it, and whatever uses the types, functions
// and operator classes of its module.

import { type Entry, moduleOfType, type RelationDescriptor, typesOfModule } from '#common';
import { functionRegistry, moduleOfClass } from '#functions';
import { functionTitle } from '../catalog/entry-names.ts';
import { namesOf } from './entries/entry-references.ts';
import { type DropTarget, targetOf } from './object-description.ts';
import type { DdlStatement } from './statement.ts';

export interface ExtensionUse {
  readonly user: DropTarget;
  /** "type hstore" */
  readonly used: string;
  /** Goes along without a word. */
  readonly automatic: boolean;
}

/** `usersOf` are the objects that use something by its oid, as descriptors say. */
export function* extensionUses(
  ddl: DdlStatement,
  extension: Entry<'extension'>,
  usersOf: ReadonlyMap<number, readonly DropTarget[]>,
  relations: readonly RelationDescriptor[],
): Iterable<ExtensionUse> {
  const { name, definition } = extension;
  for (const oid of definition.members ?? []) {
    const member = targetOf(ddl, oid);
    if (member !== undefined) yield { user: member, used: `extension ${name}`, automatic: true };
  }
  for (const oid of typesOfModule(name)) {
    const used = `type ${ddl.typeText({ oid, typmod: -1 })}`;
    for (const user of usersOf.get(oid) ?? []) yield { user, used, automatic: false };
  }
  for (const [oid, users] of usersOf) {
    if (functionRegistry.functionByOid(oid)?.module !== name) continue;
    const used = `function ${functionTitle(namesOf(ddl), oid)}`;
    for (const user of users) yield { user, used, automatic: false };
  }
  for (const relation of relations) {
    if (relation.kind !== 'index') continue;
    const brought = relation.columns.find(({ operatorClassOid: oid }) => {
      return oid !== undefined && moduleOfClass(oid) === name;
    });
    if (brought === undefined) continue;
    const table = ddl.catalog.tableByOid(relation.tableOid);
    const className = ddl.catalog.entryByOid('operatorClass', brought.operatorClassOid!)?.name;
    yield {
      user: { kind: 'relation', oid: relation.oid },
      used: `operator class ${className ?? ''} for access method ${relation.method}`,
      // It goes with the column that it is over.
      automatic: relation.columns.some(({ attributeNumber }) => {
        const column = table?.columns[attributeNumber - 1];
        return column !== undefined && moduleOfType(column.type.oid) === name;
      }),
    };
  }
}
