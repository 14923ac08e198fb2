// The functions over large objects (PostgreSQL's manual, 35.3 and 35.4; be-fsstubs.c): by SQL, and by the
// function call message that libpq's lo_* functions and JDBC's LargeObject send.

import { databaseError, type Datum } from '#common';
import {
  type Grantable,
  hasPrivilegesOf,
  hasRights,
  isSuperuser,
  largeObjectGrantable,
} from '#planner';
import { largeObjectBytesMax, type LargeObjectFacts, LargeObjects, type ReadView } from '#storage';
import type { Session } from '../session.ts';
import { type Descriptor, type LargeObjectAccess, openMode } from './descriptors.ts';
import { readServerFile, writeServerFile } from './server-files.ts';

type LargeObjectFunction = (session: Session, args: readonly Datum[]) => Datum;

/** Bytes that one value may have, less its header. */
const valueBytesMax = 0x3fffffff - 4;
const latest: ReadView = { kind: 'latest' };

function accessOf(session: Session): LargeObjectAccess {
  const transaction = session.block.require();
  const objects = new LargeObjects(transaction, session.database.descriptor.oid);
  return { objects, transaction, descriptors: session.largeObjects };
}

function requireWritable(session: Session, what: string): void {
  if (!session.block.require().readOnly) return;
  throw databaseError(
    'readOnlySqlTransaction',
    `cannot execute ${what} in a read-only transaction`,
  );
}

/** 42704 */
function requireObject({ objects }: LargeObjectAccess, oid: number): LargeObjectFacts {
  const found = objects.find(oid, latest);
  if (found !== undefined) return found;
  throw databaseError('undefinedObject', `large object ${oid} does not exist`);
}

/** 42501 */
function requireRight(
  session: Session,
  oid: number,
  facts: LargeObjectFacts,
  letter: string,
): void {
  if (session.settings.boolean('lo_compat_privileges')) return;
  const object: Grantable = largeObjectGrantable(facts);
  if (hasRights(session.catalog(), session.currentUser.oid, object, letter)) return;
  throw databaseError('insufficientPrivilege', `permission denied for large object ${oid}`);
}

function create(session: Session, wanted: number): number {
  const access = accessOf(session);
  const oid = wanted === 0 ? session.server.storage.allocateOid() : wanted;
  if (access.objects.forUpdate(oid) !== undefined) {
    throw databaseError(
      'uniqueViolation',
      'duplicate key value violates unique constraint "pg_largeobject_metadata_oid_index"',
      { detail: `Key (oid)=(${oid}) already exists.` },
    );
  }
  access.objects.put(oid, { owner: session.currentUser.oid });
  return oid;
}

function open(session: Session, oid: number, mode: number): Descriptor {
  const mayWrite = (mode & openMode.write) !== 0;
  const mayRead = mayWrite || (mode & openMode.read) !== 0;
  if (!mayRead) {
    throw databaseError(
      'invalidParameterValue',
      `invalid flags for opening a large object: ${mode}`,
    );
  }
  const facts = requireObject(accessOf(session), oid);
  requireRight(session, oid, facts, 'r');
  if (mayWrite) requireRight(session, oid, facts, 'w');
  return { oid, mayRead, mayWrite, offset: 0 };
}

/** Who may write sees what is newest, others what their statement sees. */
function viewOf({ mayWrite }: Descriptor): ReadView | undefined {
  return mayWrite ? latest : undefined;
}

function writable(session: Session, number: number): Descriptor {
  const descriptor = session.largeObjects.get(number);
  if (descriptor.mayWrite) return descriptor;
  throw databaseError(
    'objectNotInPrerequisiteState',
    `large object descriptor ${number} was not opened for writing`,
  );
}

function read(session: Session, number: number, length: number): Uint8Array {
  const access = accessOf(session);
  const descriptor = access.descriptors.get(number);
  const view = viewOf(descriptor);
  const bytes = access.objects.read(descriptor.oid, descriptor.offset, Math.max(length, 0), view);
  access.descriptors.move(access.transaction, descriptor, descriptor.offset + bytes.length);
  return bytes;
}

function write(session: Session, number: number, bytes: Uint8Array): number {
  requireWritable(session, 'lowrite()');
  const access = accessOf(session);
  const descriptor = writable(session, number);
  writeAt(access, descriptor, bytes);
  access.descriptors.move(access.transaction, descriptor, descriptor.offset + bytes.length);
  return bytes.length;
}

function writeAt(
  { objects }: LargeObjectAccess,
  { oid, offset }: Descriptor,
  bytes: Uint8Array,
): void {
  if (offset + bytes.length > largeObjectBytesMax) {
    throw databaseError(
      'invalidParameterValue',
      `invalid large object write request size: ${bytes.length}`,
    );
  }
  objects.write(oid, offset, bytes);
}

function seek(session: Session, number: number, offset: number, whence: number): number {
  const { objects, transaction, descriptors } = accessOf(session);
  const descriptor = descriptors.get(number);
  const bases = [
    () => 0,
    () => descriptor.offset,
    () => objects.size(descriptor.oid, viewOf(descriptor)),
  ];
  const base = bases[whence];
  if (base === undefined)
    throw databaseError('invalidParameterValue', `invalid whence setting: ${whence}`);
  const target = base() + offset;
  if (target < 0 || target > largeObjectBytesMax) {
    throw databaseError('invalidParameterValue', `invalid large object seek target: ${target}`);
  }
  descriptors.move(transaction, descriptor, target);
  return target;
}

function truncate(session: Session, number: number, length: number): number {
  requireWritable(session, 'lo_truncate()');
  const { objects } = accessOf(session);
  const { oid } = writable(session, number);
  if (length < 0 || length > largeObjectBytesMax) {
    throw databaseError(
      'invalidParameterValue',
      `invalid large object truncation target: ${length}`,
    );
  }
  objects.truncate(oid, length);
  return 0;
}

function unlink(session: Session, oid: number): number {
  requireWritable(session, 'lo_unlink()');
  const { objects, descriptors } = accessOf(session);
  const { currentUser } = session;
  const facts = objects.forUpdate(oid);
  if (facts === undefined)
    throw databaseError('undefinedObject', `large object ${oid} does not exist`);
  const isOwner = hasPrivilegesOf(session.catalog(), currentUser.oid, facts.owner);
  if (!isOwner && !session.settings.boolean('lo_compat_privileges'))
    throw databaseError('insufficientPrivilege', `must be owner of large object ${oid}`);
  descriptors.closeAllOf(oid);
  objects.remove(oid);
  return 1;
}

function fromBytes(session: Session, wanted: number, bytes: Uint8Array): number {
  const oid = create(session, wanted);
  accessOf(session).objects.write(oid, 0, bytes);
  return oid;
}

function get(session: Session, oid: number, offset: number, wanted?: number): Uint8Array {
  const { objects } = accessOf(session);
  open(session, oid, openMode.read);
  const rest = Math.max(objects.size(oid) - offset, 0);
  const length = wanted === undefined ? rest : Math.min(rest, wanted);
  if (length > valueBytesMax)
    throw databaseError('programLimitExceeded', 'large object read request is too large');
  return objects.read(oid, offset, length);
}

function part(session: Session, oid: number, offset: number, length: number): Uint8Array {
  if (length < 0)
    throw databaseError('invalidParameterValue', 'requested length cannot be negative');
  if (offset < 0)
    throw databaseError('invalidParameterValue', `invalid large object seek target: ${offset}`);
  return get(session, oid, offset, length);
}

function put(session: Session, oid: number, offset: number, bytes: Uint8Array): Datum {
  requireWritable(session, 'lo_put()');
  const descriptor = open(session, oid, openMode.write);
  if (offset < 0)
    throw databaseError('invalidParameterValue', `invalid large object seek target: ${offset}`);
  writeAt(accessOf(session), { ...descriptor, offset }, bytes);
  return '';
}

function inInteger(value: number, what: string, number: number): number {
  if (value <= 0x7fffffff) return value;
  throw databaseError(
    'numericValueOutOfRange',
    `${what} result out of range for large-object descriptor ${number}`,
  );
}

/** Files of the server are for superusers alone. */
function requireSuperuser(session: Session, name: string): void {
  if (isSuperuser(session.catalog(), session.currentUser.oid)) return;
  throw databaseError('insufficientPrivilege', `permission denied for function ${name}`);
}

const numberOf = (value: Datum | undefined): number => Number(value ?? 0);
const bytesOf = (value: Datum | undefined): Uint8Array => value as Uint8Array;

const functions: Readonly<Record<string, LargeObjectFunction>> = {
  lo_creat(session) {
    requireWritable(session, 'lo_creat()');
    return create(session, 0);
  },
  lo_create(session, [oid]) {
    requireWritable(session, 'lo_create()');
    return create(session, numberOf(oid));
  },
  lo_open(session, [oid, mode]) {
    if ((numberOf(mode) & openMode.write) !== 0) requireWritable(session, 'lo_open(INV_WRITE)');
    const { transaction, descriptors } = accessOf(session);
    return descriptors.add(transaction, open(session, numberOf(oid), numberOf(mode)));
  },
  lo_close(session, [number]) {
    session.largeObjects.close(session.block.require(), numberOf(number));
    return 0;
  },
  loread: (session, [number, length]) => read(session, numberOf(number), numberOf(length)),
  lowrite: (session, [number, bytes]) => write(session, numberOf(number), bytesOf(bytes)),
  lo_lseek(session, [number, offset, whence]) {
    const target = seek(session, numberOf(number), numberOf(offset), numberOf(whence));
    return inInteger(target, 'lo_lseek', numberOf(number));
  },
  lo_lseek64: (session, [number, offset, whence]) =>
    seek(session, numberOf(number), numberOf(offset), numberOf(whence)),
  lo_tell: (session, [number]) =>
    inInteger(session.largeObjects.get(numberOf(number)).offset, 'lo_tell', numberOf(number)),
  lo_tell64: (session, [number]) => session.largeObjects.get(numberOf(number)).offset,
  lo_truncate: (session, [number, length]) => truncate(session, numberOf(number), numberOf(length)),
  lo_truncate64: (session, [number, length]) =>
    truncate(session, numberOf(number), numberOf(length)),
  lo_unlink: (session, [oid]) => unlink(session, numberOf(oid)),
  lo_from_bytea(session, [oid, bytes]) {
    requireWritable(session, 'lo_from_bytea()');
    return fromBytes(session, numberOf(oid), bytesOf(bytes));
  },
  lo_get: (session, [oid, offset, length]) =>
    offset === undefined
      ? get(session, numberOf(oid), 0)
      : part(session, numberOf(oid), numberOf(offset), numberOf(length)),
  lo_put: (session, [oid, offset, bytes]) =>
    put(session, numberOf(oid), numberOf(offset), bytesOf(bytes)),
  lo_import(session, [file, oid]) {
    requireSuperuser(session, 'lo_import');
    requireWritable(session, 'lo_import()');
    return fromBytes(session, numberOf(oid), readServerFile(file as string));
  },
  lo_export(session, [oid, file]) {
    requireSuperuser(session, 'lo_export');
    const { objects } = accessOf(session);
    open(session, numberOf(oid), openMode.read);
    writeServerFile(file as string, objects.read(numberOf(oid), 0, objects.size(numberOf(oid))));
    return 1;
  },
};

export const largeObjectFunctions: readonly (readonly [string, LargeObjectFunction])[] =
  Object.entries(functions);
