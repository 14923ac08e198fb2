// SHOW name, SHOW ALL.

import type { VariableShowStmt } from '@pgsql/types';
import { TypeOid } from '#common';
import { plainField } from '../../protocol/row-description.ts';
import type { FieldDescription } from '../../protocol/messages.ts';
import type { Command, CommandRows, Invocation } from '../command.ts';
import { settingDefinitions } from '../settings/definitions.ts';
import type { Session } from '../session.ts';

export const showCommand: Command = {
  run: ({ session, statement }: Invocation<VariableShowStmt>) => {
    // Outside a block there must be a transaction whose isolation level can be shown.
    session.block.require();
    return show(session, statement.name ?? '');
  },
  fields: (_session: Session, statement: VariableShowStmt) => fields(statement.name ?? ''),
};

function fields(name: string): readonly FieldDescription[] {
  if (name === 'all') {
    return ['name', 'setting', 'description'].map((column) => plainField(column, TypeOid.text));
  }
  return [plainField(settingDefinitions.get(name.toLowerCase())?.name ?? name, TypeOid.text)];
}

function show(session: Session, name: string): CommandRows {
  if (name === 'all') {
    const rows = [...session.settings.all()].map(({ definition }) => [
      definition.name,
      session.settings.show(definition.name),
      definition.description,
    ]);
    return { fields: fields(name), rows, tag: 'SHOW' };
  }
  return { fields: fields(name), rows: [[session.settings.show(name)]], tag: 'SHOW' };
}
