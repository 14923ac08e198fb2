// SCRAM-SHA-256 verifiers (RFC 5803, RFC 7677) in PostgreSQL's text form:
//   SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>     (salt and keys in base64)
// The server keeps StoredKey and ServerKey only; neither lets anyone log in elsewhere.

import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const pbkdf2Async = promisify(pbkdf2);
export const scramIterations = 4096;
const keyBytes = 32;

export interface ScramVerifier {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

export function hmac(key: Uint8Array, data: Uint8Array | string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

export function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** SASLprep as far as passwords need it: NFKC; a text that cannot be prepared is used as it is (as PostgreSQL does). */
function prepare(password: string): string {
  return password.normalize('NFKC');
}

/** Makes a verifier for a new password; 16 random bytes of salt. */
export async function makeScramVerifier(password: string): Promise<string> {
  const salt = randomBytes(16);
  const salted = await pbkdf2Async(prepare(password), salt, scramIterations, keyBytes, 'sha256');
  const storedKey = sha256(hmac(salted, 'Client Key'));
  const serverKey = hmac(salted, 'Server Key');
  const fields = [salt, storedKey, serverKey].map((part) => part.toString('base64'));
  return `SCRAM-SHA-256$${scramIterations}:${fields[0]}$${fields[1]}:${fields[2]}`;
}

/** undefined when the text is not a verifier (then it is a password in clear). */
export function parseScramVerifier(text: string): ScramVerifier | undefined {
  const match =
    /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/.exec(text);
  if (match === null) return undefined;
  const storedKey = Buffer.from(match[3], 'base64');
  const serverKey = Buffer.from(match[4], 'base64');
  if (storedKey.length !== keyBytes || serverKey.length !== keyBytes) return undefined;
  return {
    iterations: Number(match[1]),
    salt: Buffer.from(match[2], 'base64'),
    storedKey,
    serverKey,
  };
}

/** For users that do not exist or have no password: same messages, same time, never a success. */
export function mockVerifier(user: string, serverSecret: Uint8Array): ScramVerifier {
  const salt = hmac(serverSecret, user).subarray(0, 16);
  return {
    iterations: scramIterations,
    salt,
    storedKey: randomBytes(keyBytes),
    serverKey: randomBytes(keyBytes),
  };
}
