// Encoders of the server's messages: each appends one whole message to a ByteWriter. DataRow is in
// row-encoder.ts, being the hot one.

import type { ByteWriter, DatabaseError } from '#common';
import { Backend } from './message-types.ts';

export type TransactionStatus = 'idle' | 'inTransaction' | 'failed';

const statusCodes: Record<TransactionStatus, number> = {
  idle: 'I'.charCodeAt(0),
  inTransaction: 'T'.charCodeAt(0),
  failed: 'E'.charCodeAt(0),
};

/** A message that has a type and no fields. */
export function writeEmptyMessage(writer: ByteWriter, type: number): void {
  writer.uint8(type);
  writer.int32(4);
}

export function writeReadyForQuery(writer: ByteWriter, status: TransactionStatus): void {
  writer.uint8(Backend.readyForQuery);
  writer.int32(5);
  writer.uint8(statusCodes[status]);
}

export function writeCommandComplete(writer: ByteWriter, tag: string): void {
  writer.uint8(Backend.commandComplete);
  const start = writer.begin();
  writer.cString(tag);
  writer.end(start, true);
}

export function writeParameterStatus(writer: ByteWriter, name: string, value: string): void {
  writer.uint8(Backend.parameterStatus);
  const start = writer.begin();
  writer.cString(name);
  writer.cString(value);
  writer.end(start, true);
}

export function writeBackendKeyData(writer: ByteWriter, processId: number, secret: number): void {
  writer.uint8(Backend.backendKeyData);
  writer.int32(12);
  writer.int32(processId);
  writer.int32(secret);
}

export interface NotificationFields {
  readonly processId: number;
  readonly channel: string;
  readonly payload: string;
}

export function writeNotification(writer: ByteWriter, notification: NotificationFields): void {
  writer.uint8(Backend.notificationResponse);
  const start = writer.begin();
  writer.int32(notification.processId);
  writer.cString(notification.channel);
  writer.cString(notification.payload);
  writer.end(start, true);
}

/** Authentication requests: 0 ok, 10 SASL, 11 SASLContinue, 12 SASLFinal. */
export function writeAuthentication(writer: ByteWriter, code: number, data?: Uint8Array): void {
  writer.uint8(Backend.authentication);
  const start = writer.begin();
  writer.int32(code);
  if (data !== undefined) writer.bytes(data);
  writer.end(start, true);
}

/** One column of a RowDescription. */
export interface FieldDescription {
  readonly name: string;
  readonly tableOid: number;
  readonly attributeNumber: number;
  readonly typeOid: number;
  readonly typeLength: number;
  readonly typmod: number;
}

export function writeRowDescription(
  writer: ByteWriter,
  fields: readonly FieldDescription[],
  formats: readonly number[],
): void {
  writer.uint8(Backend.rowDescription);
  const start = writer.begin();
  writer.int16(fields.length);
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index];
    writer.cString(field.name);
    writer.int32(field.tableOid);
    writer.int16(field.attributeNumber);
    writer.int32(field.typeOid);
    writer.int16(field.typeLength);
    writer.int32(field.typmod);
    writer.int16(formatOf(formats, index));
  }
  writer.end(start, true);
}

/** The protocol's rule: none means all text, one stands for all. */
export function formatOf(formats: readonly number[], index: number): number {
  if (formats.length === 0) return 0;
  return formats.length === 1 ? formats[0] : formats[index];
}

export function writeParameterDescription(writer: ByteWriter, typeOids: readonly number[]): void {
  writer.uint8(Backend.parameterDescription);
  const start = writer.begin();
  writer.int16(typeOids.length);
  for (const oid of typeOids) writer.int32(oid);
  writer.end(start, true);
}

/** CopyInResponse and CopyOutResponse. */
export function writeCopyResponse(
  writer: ByteWriter,
  type: number,
  copy: { readonly binary: boolean; readonly columnCount: number },
): void {
  writer.uint8(type);
  const start = writer.begin();
  const format = copy.binary ? 1 : 0;
  writer.uint8(format);
  writer.int16(copy.columnCount);
  for (let index = 0; index < copy.columnCount; index++) writer.int16(format);
  writer.end(start, true);
}

export function writeCopyData(writer: ByteWriter, data: Uint8Array): void {
  writer.uint8(Backend.copyData);
  writer.int32(data.length + 4);
  writer.bytes(data);
}

/** Fields of ErrorResponse and NoticeResponse; `statement` turns a UTF-16 offset into characters. */
export function writeError(
  writer: ByteWriter,
  type: number,
  error: DatabaseError,
  options: { readonly severity: string; readonly statement: string | undefined },
): void {
  writer.uint8(type);
  const start = writer.begin();
  const field = (code: string, value: string | undefined): void => {
    if (value === undefined) return;
    writer.uint8(code.charCodeAt(0));
    writer.cString(value.replaceAll('\0', ''));
  };
  field('S', options.severity);
  field('V', options.severity);
  field('C', error.sqlState);
  field('M', error.message);
  field('D', error.detail);
  field('H', error.hint);
  if (error.position !== undefined)
    field('P', characterPosition(error.position, options.statement));
  if (error.internalPosition !== undefined)
    field('p', characterPosition(error.internalPosition, error.internalQuery));
  field('q', error.internalQuery);
  field('W', error.where);
  field('s', error.schema);
  field('t', error.table);
  field('c', error.column);
  field('d', error.dataType);
  field('n', error.constraint);
  field('R', error.routine);
  writer.uint8(0);
  writer.end(start, true);
}

/** 1-based, in characters (code points), as clients count. */
function characterPosition(offset: number, statement: string | undefined): string {
  if (statement === undefined) return String(offset + 1);
  let characters = 0;
  for (let index = 0; index < offset && index < statement.length; index++) {
    const code = statement.charCodeAt(index);
    if (code < 0xdc00 || code > 0xdfff) characters++;
  }
  return String(characters + 1);
}
