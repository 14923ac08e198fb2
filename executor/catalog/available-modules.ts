// The rows of pg_available_extensions() and pg_available_extension_versions().

import { RecordValue, TypeOid } from '#common';
import { knownModules } from './modules.ts';

const { name: nameType, text, bool, nameArray } = TypeOid;

/** name, default_version, comment */
export function availableModules(): RecordValue[] {
  return Object.entries(knownModules).map(
    ([name, { version, comment }]) =>
      new RecordValue([nameType, text, text], [name, version, comment]),
  );
}

/** name, version, superuser, trusted, relocatable, schema, requires, comment */
export function availableVersions(): RecordValue[] {
  const types = [nameType, text, bool, bool, bool, nameType, nameArray, text];
  return Object.entries(knownModules).map(
    ([name, { version, comment, relocatable, trusted, schema }]) =>
      new RecordValue(types, [name, version, true, trusted, relocatable, schema, null, comment]),
  );
}
