// nextval() and its family: values that no transaction takes back. Storage logs ahead, so a crash may
// skip up to `loggedAhead` values, as in PostgreSQL.

import {
  canonicalInteger,
  DatabaseError,
  databaseError,
  type RoleDescriptor,
  type SequenceDescriptor,
} from '#common';
import type { SequenceAccess } from '#functions';
import { type Catalog, heldRights, relationDenied, relationGrantable } from '#planner';
import type { CounterState, StorageEngine, Transaction } from '#storage';

const loggedAhead = 32n;

interface SessionSequence {
  /** A restarted sequence has another counter: what was cached is void. */
  readonly counterId: number;
  /** currval() */
  last: bigint;
  /** Values fetched and not given out yet: last + increment … cachedTo. */
  cachedTo: bigint;
}

/** What a session remembers of the sequences that it has used. */
export class SequenceState {
  readonly sequences = new Map<number, SessionSequence>();
  lastUsed: number | undefined = undefined;

  /** DISCARD SEQUENCES. */
  forget(): void {
    this.sequences.clear();
    this.lastUsed = undefined;
  }
}

export interface SequenceContext {
  readonly role: RoleDescriptor;
  readonly catalog: Catalog;
  readonly storage: StorageEngine;
  readonly transaction: Transaction;
  readonly state: SequenceState;
}

export function sequenceAccess(context: SequenceContext): SequenceAccess {
  const { state } = context;
  return {
    next: (oid, isIdentity = false) => {
      const sequence = isIdentity ? sequenceOf(context, oid) : usable(context, oid, 'Uw');
      return canonicalInteger(nextValue(context, sequence));
    },
    current(oid) {
      const sequence = usable(context, oid, 'Ur');
      const known = state.sequences.get(oid);
      if (known !== undefined) return canonicalInteger(known.last);
      throw databaseError(
        'objectNotInPrerequisiteState',
        `currval of sequence "${sequence.name}" is not yet defined in this session`,
      );
    },
    last() {
      const known = state.lastUsed === undefined ? undefined : state.sequences.get(state.lastUsed);
      if (known === undefined || context.catalog.relationByOid(state.lastUsed!) === undefined) {
        throw databaseError(
          'objectNotInPrerequisiteState',
          'lastval is not yet defined in this session',
        );
      }
      usable(context, state.lastUsed!, 'Ur');
      return canonicalInteger(known.last);
    },
    set(oid, value, isCalled) {
      setValue(context, usable(context, oid, 'w'), BigInt(value), isCalled);
    },
  };
}

/** 42501 unless the role has one of the rights. */
function usable(context: SequenceContext, oid: number, letters: string): SequenceDescriptor {
  const sequence = sequenceOf(context, oid);
  const { role, catalog } = context;
  if (!role.superuser && heldRights(catalog, role.oid, relationGrantable(sequence), letters) === '')
    throw relationDenied(sequence);
  return sequence;
}

function sequenceOf(context: SequenceContext, oid: number): SequenceDescriptor {
  const relation = context.catalog.relationByOid(oid);
  if (relation === undefined) {
    throw databaseError('undefinedTable', `could not open relation with OID ${oid}`);
  }
  if (relation.kind === 'sequence') return relation;
  throw databaseError('wrongObjectType', `"${relation.name}" is not a sequence`);
}

function refuseReadOnly(transaction: Transaction, functionName: string): void {
  if (!transaction.readOnly) return;
  throw databaseError(
    'readOnlySqlTransaction',
    `cannot execute ${functionName}() in a read-only transaction`,
  );
}

function nextValue(context: SequenceContext, sequence: SequenceDescriptor): bigint {
  refuseReadOnly(context.transaction, 'nextval');
  const { state, storage } = context;
  const increment = BigInt(sequence.increment);
  const known = state.sequences.get(sequence.oid);
  state.lastUsed = sequence.oid;
  if (known?.counterId === sequence.counterId && known.last !== known.cachedTo) {
    known.last += increment;
    return known.last;
  }
  const counter = storage.readCounter(sequence.counterId) ?? {
    lastValue: BigInt(sequence.start),
    isCalled: false,
  };
  const value = successor(sequence, counter);
  let cachedTo = value;
  for (let cached = BigInt(sequence.cache) - 1n; cached > 0n; cached--) {
    const further = cachedTo + increment;
    if (!isWithin(sequence, further)) break;
    cachedTo = further;
  }
  storage.writeCounter(
    sequence.counterId,
    { lastValue: cachedTo, isCalled: true },
    clamped(sequence, cachedTo + loggedAhead * increment),
  );
  state.sequences.set(sequence.oid, { counterId: sequence.counterId, last: value, cachedTo });
  return value;
}

/** 2200H at the end of a sequence that does not cycle. */
function successor(sequence: SequenceDescriptor, counter: CounterState): bigint {
  if (!counter.isCalled) return counter.lastValue;
  const increment = BigInt(sequence.increment);
  const next = counter.lastValue + increment;
  if (isWithin(sequence, next)) return next;
  const ascending = increment > 0n;
  if (sequence.cycle) return BigInt(ascending ? sequence.minimum : sequence.maximum);
  const [word, bound] = ascending ? ['maximum', sequence.maximum] : ['minimum', sequence.minimum];
  throw new DatabaseError(
    '2200H',
    `nextval: reached ${word} value of sequence "${sequence.name}" (${bound})`,
  );
}

function isWithin(sequence: SequenceDescriptor, value: bigint): boolean {
  return value >= BigInt(sequence.minimum) && value <= BigInt(sequence.maximum);
}

function clamped(sequence: SequenceDescriptor, value: bigint): bigint {
  const [minimum, maximum] = [BigInt(sequence.minimum), BigInt(sequence.maximum)];
  if (value > maximum) return maximum;
  return value < minimum ? minimum : value;
}

function setValue(
  context: SequenceContext,
  sequence: SequenceDescriptor,
  value: bigint,
  isCalled: boolean,
): void {
  refuseReadOnly(context.transaction, 'setval');
  if (!isWithin(sequence, value)) {
    throw databaseError(
      'numericValueOutOfRange',
      `setval: value ${value} is out of bounds for sequence "${sequence.name}" (${sequence.minimum}..${sequence.maximum})`,
    );
  }
  context.storage.writeCounter(sequence.counterId, { lastValue: value, isCalled });
  const { sequences } = context.state;
  const known = sequences.get(sequence.oid);
  if (isCalled) {
    sequences.set(sequence.oid, { counterId: sequence.counterId, last: value, cachedTo: value });
  } else if (known !== undefined) known.cachedTo = known.last;
}
