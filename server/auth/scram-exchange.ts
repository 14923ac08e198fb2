// The server's half of a SCRAM-SHA-256 exchange (RFC 5802): client-first → server-first →
// client-final → server-final. Channel binding is not offered, so the client's flag must be n or y.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { fatal, protocolViolation } from '../errors.ts';
import { hmac, sha256, type ScramVerifier } from './scram-verifier.ts';

export const scramMechanism = 'SCRAM-SHA-256';

export class ScramExchange {
  private readonly verifier: ScramVerifier;
  private readonly user: string;
  private clientFirstBare = '';
  private serverFirst = '';
  private header = '';
  private nonce = '';

  constructor(user: string, verifier: ScramVerifier) {
    this.user = user;
    this.verifier = verifier;
  }

  /** Takes client-first-message, returns server-first-message. */
  first(message: string): string {
    const match =
      /^([ny],(?:a=[^,]*)?,)((?:m=[^,]*,)?n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/.exec(
        message,
      );
    if (match === null) {
      if (message.startsWith('p='))
        throw protocolViolation('malformed SCRAM message: channel binding was not offered');
      throw protocolViolation('malformed SCRAM message');
    }
    this.header = match[1]!;
    this.clientFirstBare = match[2]!;
    this.nonce = match[3] + randomBytes(18).toString('base64');
    const salt = this.verifier.salt.toString('base64');
    this.serverFirst = `r=${this.nonce},s=${salt},i=${this.verifier.iterations}`;
    return this.serverFirst;
  }

  /** Takes client-final-message, returns server-final-message; 28P01 when the proof is wrong. */
  final(message: string): string {
    const match =
      /^(c=([A-Za-z0-9+/=]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,[^p].*)?),p=([A-Za-z0-9+/=]+)$/.exec(
        message,
      );
    if (match === null) throw protocolViolation('malformed SCRAM message');
    const binding = Buffer.from(match[2], 'base64').toString('latin1');
    if (binding !== this.header)
      throw protocolViolation('unexpected SCRAM channel-binding attribute in client-final-message');
    if (match[3] !== this.nonce)
      throw protocolViolation('invalid SCRAM response: nonce does not match');
    const authMessage = `${this.clientFirstBare},${this.serverFirst},${match[1]}`;
    const proof = Buffer.from(match[4], 'base64');
    const signature = hmac(this.verifier.storedKey, authMessage);
    const failure = fatal(
      'invalidPassword',
      `password authentication failed for user "${this.user}"`,
    );
    if (proof.length !== signature.length) throw failure;
    const clientKey = Buffer.alloc(signature.length);
    for (let index = 0; index < signature.length; index++)
      clientKey[index] = proof[index] ^ signature[index];
    if (!timingSafeEqual(sha256(clientKey), this.verifier.storedKey)) throw failure;
    return `v=${hmac(this.verifier.serverKey, authMessage).toString('base64')}`;
  }
}
