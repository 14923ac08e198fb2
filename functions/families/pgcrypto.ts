// The functions of the extension pgcrypto that applications use: digests, password hashes with bcrypt,
// random bytes. The old DES and MD5 forms of crypt() answer 0A000.

import { createHash, createHmac, getHashes } from 'node:crypto';
import { databaseError, notSupported } from '#common';
import { bcrypt, bcryptSalt } from '../bcrypt.ts';
import type { FunctionContext } from '../contract.ts';
import type { Family } from '../family.ts';

const known = new Set(getHashes().map((name) => name.toLowerCase()));
const randomBytesMax = 1024;

function algorithm(name: string): string {
  const lower = name.toLowerCase();
  if (known.has(lower)) return lower;
  throw databaseError('invalidParameterValue', `Cannot use "${name}": No such hash algorithm`);
}

function digest(data: Uint8Array | string, name: string): Uint8Array {
  return new Uint8Array(createHash(algorithm(name)).update(data).digest());
}

function hmac(data: Uint8Array | string, key: Uint8Array | string, name: string): Uint8Array {
  return new Uint8Array(createHmac(algorithm(name), key).update(data).digest());
}

function crypt(context: FunctionContext, password: string, setting: string): string {
  const hash = bcrypt(password, setting, () => context.checkCancel());
  if (hash !== undefined) return hash;
  if (setting.startsWith('$1$')) throw notSupported('crypt() with MD5');
  if (/^_?[./0-9A-Za-z]{2}/.test(setting)) throw notSupported('crypt() with DES');
  throw databaseError('invalidParameterValue', 'invalid salt');
}

function salt(context: FunctionContext, type: string, rounds: number): string {
  const lower = type.toLowerCase();
  if (['des', 'xdes', 'md5'].includes(lower)) throw notSupported(`gen_salt('${lower}')`);
  if (lower !== 'bf') {
    throw databaseError('invalidParameterValue', 'gen_salt: Unknown salt algorithm');
  }
  if (rounds < 4 || rounds > 31) {
    throw databaseError('invalidParameterValue', 'gen_salt: Incorrect number of rounds');
  }
  return bcryptSalt(rounds, context.randomBytes(16));
}

function randomBytes(context: FunctionContext, count: number): Uint8Array {
  if (count < 1 || count > randomBytesMax) {
    throw databaseError('externalRoutineInvocationException', 'Length not in range');
  }
  return context.randomBytes(count);
}

export const pgcryptoFamily: Family = {
  scalars: {
    'digest(text,text)': (_context, data: string, name: string) => digest(data, name),
    'digest(bytea,text)': (_context, data: Uint8Array, name: string) => digest(data, name),
    'hmac(text,text,text)': (_context, data: string, key: string, name: string) =>
      hmac(data, key, name),
    'hmac(bytea,bytea,text)': (_context, data: Uint8Array, key: Uint8Array, name: string) =>
      hmac(data, key, name),
    'crypt(text,text)': crypt,
    'gen_salt(text)': (context, type: string) => salt(context, type, 6),
    'gen_salt(text,int4)': salt,
    'gen_random_bytes(int4)': randomBytes,
  },
};
