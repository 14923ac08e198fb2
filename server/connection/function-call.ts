// The function call message: one function by its oid, with its arguments, in the simple query's manner. libpq
// and JDBC use it for large objects. It runs as the query that calls the function.

import {
  type Batch,
  columnValue,
  type Datum,
  databaseError,
  quoteIdentifier,
  sqlType,
  writeBinary,
  writeText,
  type ByteWriter,
  inputParameters,
} from '#common';
import { functionRegistry } from '#functions';
import { parseStatements } from '#planner';
import { protocolViolation } from '../errors.ts';
import type { MessageReader } from '../protocol/message-reader.ts';
import { Backend } from '../protocol/message-types.ts';
import { decodeParameters } from '../protocol/parameters.ts';
import type { RowEncoder } from '../protocol/row-encoder.ts';
import type { CachedStatement } from '../session/plan-cache.ts';
import { Portal } from '../session/portal.ts';
import type { Session } from '../session/session.ts';
import type { Output } from './output.ts';
import { PortalOutput } from './portal-output.ts';

/** Functions whose queries one connection keeps. */
const keptMax = 32;

interface Callee {
  readonly name: string;
  readonly argumentTypes: readonly number[];
  readonly resultType: number;
}

/** What a message asks for, ready to run. */
export interface FunctionCall {
  readonly portal: Portal;
  readonly resultType: number;
  readonly resultFormat: number;
}

export class FunctionCalls {
  private readonly session: Session;
  private readonly kept = new Map<number, CachedStatement>();

  constructor(session: Session) {
    this.session = session;
  }

  /** 08P01, 42883, 0A000, and what the types' input functions raise. */
  read(reader: MessageReader): FunctionCall {
    const { session } = this;
    const oid = reader.uint32();
    const formats = readShorts(reader);
    const count = reader.uint16();
    const callee = findCallee(session, oid);
    const types = callee.argumentTypes.map((type) => sqlType(type));
    if (count !== types.length) {
      throw protocolViolation(
        `function call message contains ${count} arguments but function requires ${types.length}`,
      );
    }
    if (formats.length > 1 && formats.length !== count) {
      throw protocolViolation(
        `function call message contains ${formats.length} argument formats but ${count} arguments`,
      );
    }
    const values = decodeParameters(reader, formats, types, session.functions);
    const resultFormat = reader.int16();
    reader.end();
    const portal = new Portal('', this.statement(oid, callee), values, []);
    return { portal, resultType: callee.resultType, resultFormat };
  }

  private statement(oid: number, { name, argumentTypes }: Callee): CachedStatement {
    const { compiler } = this.session;
    const types = argumentTypes.map((type) => sqlType(type));
    const known = this.kept.get(oid);
    if (known !== undefined) return compiler.current(known, types);
    const places = types.map((_type, index) => `$${index + 1}`).join(', ');
    const text = `SELECT ${name}(${places})`;
    const made = compiler.inner(parseStatements(text)[0], text, types);
    if (this.kept.size >= keptMax) this.kept.clear();
    this.kept.set(oid, made);
    return made;
  }
}

function findCallee(session: Session, oid: number): Callee {
  const catalog = session.catalog();
  const routine = catalog.routineByOid(oid);
  if (routine !== undefined) {
    if (routine.routineKind !== 'function' || routine.returnsSet) throw notCallable(routine.name);
    const schema = catalog.schemaByOid(routine.schemaOid)?.name ?? '';
    return {
      name: `${quoteIdentifier(schema)}.${quoteIdentifier(routine.name)}`,
      argumentTypes: inputParameters(routine).map(({ type }) => type),
      resultType: routine.resultType,
    };
  }
  const builtin = functionRegistry.functionByOid(oid);
  if (builtin === undefined)
    throw databaseError('undefinedFunction', `function with OID ${oid} does not exist`);
  if (builtin.kind !== 'function' || builtin.returnsSet) throw notCallable(builtin.name);
  const { argumentTypes, resultType } = builtin;
  return { name: `pg_catalog.${quoteIdentifier(builtin.name)}`, argumentTypes, resultType };
}

function notCallable(name: string): Error {
  return databaseError(
    'featureNotSupported',
    `cannot call function "${name}" via fastpath interface`,
  );
}

function readShorts(reader: MessageReader): number[] {
  const count = reader.uint16();
  const values: number[] = [];
  for (let index = 0; index < count; index++) values.push(reader.int16());
  return values;
}

/** Takes the one value that the query returns. */
export class FunctionCallOutput extends PortalOutput {
  result: Datum = null;

  constructor(output: Output, session: Session) {
    super(output, session);
  }

  override values(_encoder: RowEncoder, values: readonly Datum[]): void {
    this.result = values[0] ?? null;
  }

  override rows(
    _encoder: RowEncoder,
    batch: Batch,
    { from }: { readonly from: number; readonly to: number },
    ordinals: readonly number[],
  ): void {
    this.result = columnValue(batch.columns[ordinals[0]], from);
  }

  override complete(): void {}
}

export function writeFunctionResult(
  writer: ByteWriter,
  { resultType, resultFormat }: FunctionCall,
  result: Datum,
  session: Session,
): void {
  const message = writer.position;
  try {
    writer.uint8(Backend.functionCallResponse);
    const start = writer.begin();
    if (result === null) writer.int32(-1);
    else {
      const write = resultFormat === 1 ? writeBinary(resultType) : writeText(resultType);
      write(result, writer, session.functions);
    }
    writer.end(start, true);
  } catch (error) {
    writer.position = message;
    throw error;
  }
}
