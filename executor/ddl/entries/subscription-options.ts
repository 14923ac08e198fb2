// WITH (…) and SET (…) of subscriptions, and which of them exclude each other (parse_subscription_options).

import type { DefElem } from '@pgsql/types';
import { databaseError, type DatabaseError } from '#common';
import { elementBoolean, elementText } from '#planner';
import { positionField } from '../errors.ts';
import type { DdlStatement } from '../statement.ts';

export interface SubscriptionOptions {
  readonly connect?: boolean;
  readonly enabled?: boolean;
  readonly create_slot?: boolean;
  /** null: NONE. */
  readonly slot_name?: string | null;
  readonly copy_data?: boolean;
  readonly synchronous_commit?: string;
  readonly refresh?: boolean;
  readonly binary?: boolean;
  readonly streaming?: boolean;
  readonly two_phase?: boolean;
  readonly disable_on_error?: boolean;
  /** null: NONE. */
  readonly lsn?: string | null;
}

export type SubscriptionOption = keyof SubscriptionOptions;

const commitLevels = ['on', 'off', 'local', 'remote_write', 'remote_apply', 'true', 'false'];

/** Those of `supported` that are given. 42601, 22023. */
export function readSubscriptionOptions(
  ddl: DdlStatement,
  elements: readonly DefElem[],
  supported: readonly SubscriptionOption[],
): SubscriptionOptions {
  const options: Record<string, unknown> = {};
  for (const element of elements) {
    const name = supported.find((each) => each === element.defname);
    if (name === undefined) {
      throw databaseError(
        'syntaxError',
        `unrecognized subscription parameter: "${element.defname ?? ''}"`,
      );
    }
    if (options[name] !== undefined) {
      const position = positionField(ddl.position(element.location));
      throw databaseError('syntaxError', 'conflicting or redundant options', position);
    }
    options[name] = valueOf(name, element);
  }
  const read = options as SubscriptionOptions;
  checkConflicts(read, supported);
  return read;
}

function valueOf(name: SubscriptionOption, element: DefElem): boolean | string | null {
  const text = elementText(element) ?? '';
  switch (name) {
    case 'slot_name':
      return text === 'none' ? null : slotName(text);
    case 'synchronous_commit':
      if (commitLevels.includes(text.toLowerCase())) return text;
      throw databaseError(
        'invalidParameterValue',
        `invalid value for parameter "synchronous_commit": "${text}"`,
        { hint: 'Available values: local, remote_write, remote_apply, on, off.' },
      );
    case 'lsn':
      return text === 'none' ? null : logPosition(text);
    default:
      return elementBoolean(element);
  }
}

/** ReplicationSlotValidateName() */
function slotName(name: string): string {
  if (name === '')
    throw databaseError('invalidName', `replication slot name "${name}" is too short`);
  if (name.length > 63)
    throw databaseError('nameTooLong', `replication slot name "${name}" is too long`);
  if (/^[a-z0-9_]+$/.test(name)) return name;
  throw databaseError('invalidName', `replication slot name "${name}" contains invalid character`, {
    hint: 'Replication slot names may only contain lower case letters, numbers, and the underscore character.',
  });
}

function logPosition(text: string): string {
  if (!/^[0-9a-f]{1,8}\/[0-9a-f]{1,8}$/i.test(text))
    throw databaseError(
      'invalidTextRepresentation',
      `invalid input syntax for type pg_lsn: "${text}"`,
    );
  if (/^0+\/0+$/.test(text))
    throw databaseError('invalidParameterValue', `invalid WAL location (LSN): ${text}`);
  return text.toUpperCase();
}

function exclusive(left: string, right: string): DatabaseError {
  return databaseError('syntaxError', `${left} and ${right} are mutually exclusive options`);
}

function checkConflicts(
  options: SubscriptionOptions,
  supported: readonly SubscriptionOption[],
): void {
  if (options.connect === false && supported.includes('connect')) {
    for (const name of ['enabled', 'create_slot', 'copy_data'] as const)
      if (options[name] === true) throw exclusive('connect = false', `${name} = true`);
  }
  if (options.slot_name !== null) return;
  for (const name of ['enabled', 'create_slot'] as const) {
    if (!supported.includes(name)) continue;
    if (options[name] === true) throw exclusive('slot_name = NONE', `${name} = true`);
    const isOn = options[name] ?? options.connect ?? true;
    if (!isOn) continue;
    throw databaseError(
      'syntaxError',
      `subscription with slot_name = NONE must also set ${name} = false`,
    );
  }
}
