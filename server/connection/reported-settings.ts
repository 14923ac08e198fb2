// The parameters that a client is told of (ParameterStatus): all of them at first, then, before each ReadyForQuery,
// those that have another value than the client knows. What a rollback has undone by then is not told.

import type { ByteWriter } from '#common';
import { writeParameterStatus } from '../protocol/messages.ts';
import { settingDefinitions } from '../session/settings/definitions.ts';
import type { Session } from '../session/session.ts';

export class ReportedSettings {
  private readonly told = new Map<string, string>();
  private readonly changed = new Map<string, string>();

  get hasChanges(): boolean {
    return this.changed.size > 0;
  }

  change(name: string, value: string): void {
    this.changed.set(name, value);
  }

  writeAll(writer: ByteWriter, session: Session): void {
    for (const definition of settingDefinitions.values()) {
      if (definition.reported !== true) continue;
      this.change(definition.name, session.settings.require(definition.name));
    }
    this.writeChanges(writer);
  }

  writeChanges(writer: ByteWriter): void {
    for (const [name, value] of this.changed) {
      if (this.told.get(name) === value) continue;
      this.told.set(name, value);
      writeParameterStatus(writer, name, value);
    }
    this.changed.clear();
  }
}
