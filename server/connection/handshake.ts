// What happens before a session exists: SSLRequest, GSSENCRequest, CancelRequest, the start-up packet,
// SCRAM, and the messages that tell the client that it is in.

import { TLSSocket } from 'node:tls';
import { databaseError, type RoleDescriptor } from '#common';
import { ScramExchange, scramMechanism } from '../auth/scram-exchange.ts';
import { mockVerifier, parseScramVerifier } from '../auth/scram-verifier.ts';
import { fatal, protocolViolation } from '../errors.ts';
import type { Frame } from '../protocol/frame-reader.ts';
import { MessageReader } from '../protocol/message-reader.ts';
import { Frontend, Backend, StartupCode } from '../protocol/message-types.ts';
import {
  writeAuthentication,
  writeBackendKeyData,
  writeReadyForQuery,
} from '../protocol/messages.ts';
import type { Connection } from './connection.ts';
import { MessageHandlers } from './message-handlers.ts';
import { splitOptions } from './startup-options.ts';

const protocolMajor = 3;

export class Handshake {
  private readonly connection: Connection;
  private parameters: Map<string, string> | undefined;
  private exchange: ScramExchange | undefined;
  private exchangeStep = 0;
  private tlsAsked = false;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  handle(frame: Frame): Promise<void> | undefined {
    if (this.parameters === undefined) return this.startupPacket(frame.body);
    if (frame.type !== Frontend.password || this.exchange === undefined) {
      throw protocolViolation(`expected password response, got message type ${frame.type}`);
    }
    return this.saslMessage(frame.body);
  }

  private startupPacket(body: Buffer): Promise<void> | undefined {
    const reader = new MessageReader(body);
    const code = reader.int32();
    switch (code) {
      case StartupCode.sslRequest:
        return this.tlsRequest();
      case StartupCode.gssEncryptionRequest:
        this.connection.socket.write('N');
        return undefined;
      case StartupCode.cancelRequest:
        this.connection.server.sessions.cancel(reader.int32(), reader.int32());
        this.connection.end();
        return undefined;
      default:
        return this.startup(code, reader);
    }
  }

  private tlsRequest(): Promise<void> | undefined {
    const { connection } = this;
    const context = connection.server.tlsContext;
    if (context === undefined || this.tlsAsked) {
      connection.socket.write('N');
      return undefined;
    }
    this.tlsAsked = true;
    if (connection.hasUnreadInput)
      throw protocolViolation('received unencrypted data after SSL request');
    const plain = connection.socket;
    plain.write('S');
    const secure = new TLSSocket(plain, { isServer: true, secureContext: context });
    connection.upgrade(secure);
    return undefined;
  }

  private startup(version: number, reader: MessageReader): Promise<void> | undefined {
    const { connection } = this;
    if (version >>> 16 !== protocolMajor) {
      throw fatal(
        'featureNotSupported',
        `unsupported frontend protocol ${version >>> 16}.${version & 0xffff}: server supports 3.0 to 3.0`,
      );
    }
    if (connection.server.tlsRequired && !(connection.socket instanceof TLSSocket)) {
      throw fatal(
        'invalidAuthorizationSpecification',
        'connection requires TLS: SSL off is not accepted here',
      );
    }
    const parameters = readParameters(reader);
    const unknown = [...parameters.keys()].filter((name) => name.startsWith('_pq_.'));
    if ((version & 0xffff) > 0 || unknown.length > 0) this.negotiate(unknown);
    const user = parameters.get('user');
    if (user === undefined || user === '') {
      throw fatal(
        'invalidAuthorizationSpecification',
        'no PostgreSQL user name specified in startup packet',
      );
    }
    connection.startupRead();
    this.parameters = parameters;
    if (connection.server.startupError !== undefined) throw connection.server.startupError;
    const role = connection.server.findRole(user);
    if (connection.server.configuration.auth === 'scram') {
      this.startScram(user, role);
      return undefined;
    }
    return this.authenticated();
  }

  private negotiate(unknown: readonly string[]): void {
    const { writer } = this.connection.output;
    writer.uint8(Backend.negotiateProtocolVersion);
    const start = writer.begin();
    writer.int32(protocolMajor << 16);
    writer.int32(unknown.length);
    for (const name of unknown) writer.cString(name);
    writer.end(start, true);
  }

  private startScram(user: string, role: RoleDescriptor | undefined): void {
    const { server, output } = this.connection;
    const stored =
      role?.passwordVerifier == null ? undefined : parseScramVerifier(role.passwordVerifier);
    const expired = role?.validUntil != null && role.validUntil < server.clock.sqlNow();
    const verifier = stored === undefined || expired ? mockVerifier(user, server.secret) : stored;
    this.exchange = new ScramExchange(user, verifier);
    writeAuthentication(output.writer, 10, Buffer.from(`${scramMechanism}\0\0`, 'latin1'));
  }

  private saslMessage(body: Buffer): Promise<void> | undefined {
    const { writer } = this.connection.output;
    const reader = new MessageReader(body);
    if (this.exchangeStep === 0) {
      const mechanism = reader.cString();
      if (mechanism !== scramMechanism)
        throw protocolViolation(`client selected an invalid SASL authentication mechanism`);
      const length = reader.int32();
      if (length < 0) throw protocolViolation('malformed SCRAM message');
      const answer = this.exchange!.first(reader.take(length).toString('latin1'));
      writeAuthentication(writer, 11, Buffer.from(answer, 'latin1'));
      this.exchangeStep = 1;
      return undefined;
    }
    const answer = this.exchange!.final(body.toString('latin1'));
    writeAuthentication(writer, 12, Buffer.from(answer, 'latin1'));
    return this.authenticated();
  }

  /** Opens the session and greets the client. */
  private async authenticated(): Promise<void> {
    const { connection } = this;
    const { server, output } = connection;
    const parameters = this.parameters!;
    const user = parameters.get('user')!;
    const role = server.findRole(user);
    if (role === undefined) {
      throw fatal('invalidAuthorizationSpecification', `role "${user}" does not exist`);
    }
    if (!role.login) {
      throw fatal('invalidAuthorizationSpecification', `role "${user}" is not permitted to log in`);
    }
    const database = parameters.get('database') ?? user;
    const session = await server.openSession({
      user: role,
      databaseName: database === '' ? user : database,
      settings: startupSettings(parameters),
      connection,
    });
    writeAuthentication(output.writer, 0);
    const handlers = new MessageHandlers(connection, session);
    handlers.sendParameterStatuses();
    writeBackendKeyData(output.writer, session.processId, session.secret);
    writeReadyForQuery(output.writer, 'idle');
    connection.ready(handlers);
    session.becameIdle();
    output.flush();
  }
}

function readParameters(reader: MessageReader): Map<string, string> {
  const parameters = new Map<string, string>();
  for (;;) {
    if (reader.remaining === 0)
      throw protocolViolation('invalid startup packet layout: expected terminator as last byte');
    const name = reader.cString();
    if (name === '') break;
    parameters.set(name, reader.cString());
  }
  reader.end();
  return parameters;
}

/** Everything in the packet that is a run-time parameter; `options` holds more of them (-c name=value). */
function startupSettings(parameters: ReadonlyMap<string, string>): Map<string, string> {
  const settings = new Map<string, string>();
  const options = parameters.get('options');
  if (options !== undefined) {
    for (const [name, value] of splitOptions(options)) settings.set(name, value);
  }
  for (const [name, value] of parameters) {
    if (name === 'replication' && !['false', 'off', 'no', '0'].includes(value)) {
      throw databaseError('featureNotSupported', 'replication connections are not supported', {
        severity: 'FATAL',
      });
    }
    if (['user', 'database', 'options', 'replication'].includes(name) || name.startsWith('_pq_.'))
      continue;
    settings.set(name, value);
  }
  return settings;
}
