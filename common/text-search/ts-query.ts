// tsquery: a tree of lexemes under ! & | and <N>, with its text and its order.
//
// Stored form: the canonical text. Binary: node count uint32, then the nodes in prefix order, the right
// operand before the left: 01, weights, prefix flag, UTF-8, 00 for a lexeme; 02, operator (1 !, 2 &,
// 3 |, 4 phrase), [distance uint16 for phrase] for an operator.

import { utf8Text } from '../buffer-text.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { TypedValue } from '../datum.ts';
import { databaseError } from '../errors.ts';
import { encodeInt4, encodeText } from '../key-values.ts';
import { compareText } from '../text-order.ts';
import { insufficientData, invalidBinary, typeIo } from '../type-io/contract.ts';
import { TypeOid } from '../types.ts';
import { valueType, type AnyValueType } from '../value-types/contract.ts';
import { LexemeReader, quoteLexeme } from './lexeme-text.ts';
import { checkLexeme } from './ts-vector.ts';

export interface QueryLexeme {
  readonly kind: 'lexeme';
  readonly word: string;
  /** Bits of the weights that count (1 D, 2 C, 4 B, 8 A); 0: all. */
  readonly weights: number;
  readonly prefix: boolean;
}

export interface QueryNot {
  readonly kind: 'not';
  readonly argument: QueryNode;
}

export interface QueryPair {
  readonly kind: 'and' | 'or' | 'phrase';
  readonly left: QueryNode;
  readonly right: QueryNode;
  /** Of phrase: how many places the right operand follows the left. */
  readonly distance: number;
}

export type QueryNode = QueryLexeme | QueryNot | QueryPair;

/** A stop word's place while a query is built. */
export interface StopNode {
  readonly kind: 'stop';
}

export const phraseDistanceMax = 16384;
const depthMax = 1000;

export class TsQuery extends TypedValue {
  /** undefined: the query without lexemes, which matches nothing. */
  readonly root: QueryNode | undefined;

  constructor(root: QueryNode | undefined) {
    super();
    this.root = root;
  }

  override get codecOid(): number {
    return TypeOid.tsquery;
  }

  override toString(): string {
    return this.root === undefined ? '' : nodeText(this.root, -1, false);
  }
}

export function pair(
  kind: QueryPair['kind'],
  left: QueryNode,
  right: QueryNode,
  distance = 1,
): QueryPair {
  return { kind, left, right, distance: kind === 'phrase' ? distance : 0 };
}

export function countNodes(node: QueryNode | undefined): number {
  if (node === undefined) return 0;
  if (node.kind === 'lexeme') return 1;
  if (node.kind === 'not') return 1 + countNodes(node.argument);
  return 1 + countNodes(node.left) + countNodes(node.right);
}

export function lexemesOf(node: QueryNode | undefined, into: QueryLexeme[] = []): QueryLexeme[] {
  if (node === undefined) return into;
  if (node.kind === 'lexeme') into.push(node);
  else if (node.kind === 'not') lexemesOf(node.argument, into);
  else {
    lexemesOf(node.left, into);
    lexemesOf(node.right, into);
  }
  return into;
}

const priorities = { or: 1, and: 2, phrase: 3, not: 4 } as const;

function nodeText(node: QueryNode, parentPriority: number, rightOfPhrase: boolean): string {
  if (node.kind === 'lexeme') return lexemeText(node);
  const priority = priorities[node.kind];
  if (node.kind === 'not') {
    const text = `!${nodeText(node.argument, priority, false)}`;
    return priority < parentPriority ? `( ${text} )` : text;
  }
  const operator =
    node.kind === 'and'
      ? '&'
      : node.kind === 'or'
        ? '|'
        : node.distance === 1
          ? '<->'
          : `<${node.distance}>`;
  const left = nodeText(node.left, priority, false);
  const right = nodeText(node.right, priority, node.kind === 'phrase');
  const text = `${left} ${operator} ${right}`;
  const bracketed = priority < parentPriority || (node.kind === 'phrase' && rightOfPhrase);
  return bracketed ? `( ${text} )` : text;
}

function lexemeText(lexeme: QueryLexeme): string {
  const { weights, prefix } = lexeme;
  let flags = prefix ? '*' : '';
  for (const [bit, letter] of [
    [8, 'A'],
    [4, 'B'],
    [2, 'C'],
    [1, 'D'],
  ] as const) {
    if ((weights & bit) !== 0) flags += letter;
  }
  return quoteLexeme(lexeme.word) + (flags === '' ? '' : `:${flags}`);
}

type Operand = QueryNode | StopNode;

/** What an operand's text stands for: one lexeme, or what a configuration makes of it. */
export type OperandMaker = (word: string, weights: number, prefix: boolean) => Operand;

/** The language of to_tsquery() and of the type's input. */
export function parseQueryText(text: string, operand: OperandMaker): Operand | undefined {
  return new QueryParser(text, operand).parse();
}

class QueryParser {
  private readonly text: string;
  private readonly reader: LexemeReader;
  private readonly operandOf: OperandMaker;
  private depth = 0;

  constructor(text: string, operand: OperandMaker) {
    this.text = text;
    this.reader = new LexemeReader(text, 'tsquery', '!&|()<');
    this.operandOf = operand;
  }

  parse(): Operand | undefined {
    this.reader.skipBlanks();
    if (this.reader.character === undefined) return undefined;
    const node = this.or();
    if (this.reader.character !== undefined) throw this.reader.syntaxError();
    return node;
  }

  private or(): Operand {
    let left = this.and();
    while (this.take('|')) left = this.join('or', left, this.and());
    return left;
  }

  private and(): Operand {
    let left = this.phrase();
    while (this.take('&')) left = this.join('and', left, this.phrase());
    return left;
  }

  private phrase(): Operand {
    let left = this.not();
    for (;;) {
      this.reader.skipBlanks();
      const operator = this.reader.match(/<(?:-|\d+)>/y);
      if (operator === undefined) return left;
      const distance = operator === '<->' ? 1 : Number(operator.slice(1, -1));
      if (distance > phraseDistanceMax) {
        throw databaseError(
          'invalidParameterValue',
          `distance in phrase operator must be an integer value between zero and ${phraseDistanceMax} inclusive`,
        );
      }
      left = { ...this.join('phrase', left, this.not()), distance };
    }
  }

  private join(kind: QueryPair['kind'], left: Operand, right: Operand): QueryPair {
    return { kind, left, right, distance: 0 } as QueryPair;
  }

  private take(character: string): boolean {
    this.reader.skipBlanks();
    return this.reader.take(character);
  }

  private not(): Operand {
    if (++this.depth > depthMax)
      throw databaseError('statementTooComplex', 'stack depth limit exceeded');
    try {
      if (this.take('!')) return { kind: 'not', argument: this.not() as QueryNode };
      if (!this.take('(')) return this.operand();
      const node = this.or();
      if (!this.take(')')) throw this.reader.syntaxError();
      return node;
    } finally {
      this.depth--;
    }
  }

  private operand(): Operand {
    this.reader.skipBlanks();
    const { character } = this.reader;
    if (character === undefined || '&|)<'.includes(character)) {
      throw character === undefined
        ? databaseError('syntaxError', `no operand in tsquery: "${this.text}"`)
        : this.reader.syntaxError();
    }
    const word = this.reader.word()!;
    let weights = 0;
    let prefix = false;
    if (this.reader.take(':')) {
      for (const flag of this.reader.match(/[A-Da-d*]*/y) ?? '') {
        if (flag === '*') prefix = true;
        else weights |= 1 << 'DCBA'.indexOf(flag.toUpperCase());
      }
    }
    return this.operandOf(word, weights, prefix);
  }
}

function parseTsQuery(text: string): TsQuery {
  const root = parseQueryText(text, (word, weights, prefix) => {
    checkLexeme(word);
    return { kind: 'lexeme', word, weights, prefix };
  });
  return new TsQuery(root as QueryNode | undefined);
}

/** CompareTSQ: by node count, then by size, then node by node. */
export function compareTsQueries(left: TsQuery, right: TsQuery): number {
  const count = countNodes(left.root) - countNodes(right.root);
  if (count !== 0) return count;
  const size = bytesOf(left) - bytesOf(right);
  if (size !== 0) return size;
  return left.root === undefined || right.root === undefined
    ? 0
    : compareQueryNodes(partsOf(left.root), partsOf(right.root));
}

function bytesOf(query: TsQuery): number {
  return lexemesOf(query.root).reduce((sum, lexeme) => sum + Buffer.byteLength(lexeme.word) + 1, 0);
}

const operatorNumbers = { not: 1, and: 2, or: 3, phrase: 4 } as const;

/** A node with its operands, the right one first. */
export interface QueryParts {
  readonly node: QueryNode;
  readonly children: readonly QueryParts[];
}

function partsOf(node: QueryNode): QueryParts {
  if (node.kind === 'lexeme') return { node, children: [] };
  const operands = node.kind === 'not' ? [node.argument] : [node.right, node.left];
  return { node, children: operands.map(partsOf) };
}

/** QTNodeCompare: operators before lexemes, larger codes first, lexemes by their checksum first. */
export function compareQueryNodes(left: QueryParts, right: QueryParts): number {
  const [one, other] = [left.node, right.node];
  if (one.kind === 'lexeme' || other.kind === 'lexeme') {
    if (one.kind !== 'lexeme') return -1;
    if (other.kind !== 'lexeme') return 1;
    return lexemeSum(other.word) - lexemeSum(one.word) || compareText(one.word, other.word);
  }
  const operator = operatorNumbers[other.kind] - operatorNumbers[one.kind];
  if (operator !== 0) return operator;
  const count = right.children.length - left.children.length;
  if (count !== 0) return count;
  for (let at = 0; at < left.children.length; at++) {
    const order = compareQueryNodes(left.children[at], right.children[at]);
    if (order !== 0) return order;
  }
  return one.kind === 'phrase' && other.kind === 'phrase' ? other.distance - one.distance : 0;
}

/** PostgreSQL's legacy checksum: the table of crc32, but shifted the other way; signed. */
function lexemeSum(word: string): number {
  let sum = -1;
  for (const byte of Buffer.from(word)) sum = checksumTable[(sum >>> 24) ^ byte] ^ (sum << 8);
  return ~sum;
}

const checksumTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function keyOf(query: TsQuery): string {
  const head = encodeInt4(countNodes(query.root)) + encodeInt4(bytesOf(query));
  return query.root === undefined ? head : head + nodeKey(query.root);
}

function nodeKey(node: QueryNode): string {
  if (node.kind === 'lexeme')
    return `\x02${encodeInt4(~lexemeSum(node.word))}${encodeText(node.word)}`;
  const head = `\x01${encodeInt4(-operatorNumbers[node.kind])}`;
  if (node.kind === 'not') return head + nodeKey(node.argument);
  return head + nodeKey(node.right) + nodeKey(node.left) + encodeInt4(-node.distance);
}

function send(writer: ByteWriter, query: TsQuery): void {
  writer.int32(countNodes(query.root));
  const node = (item: QueryNode): void => {
    if (item.kind === 'lexeme') {
      writer.uint8(1);
      writer.uint8(item.weights);
      writer.uint8(item.prefix ? 1 : 0);
      writer.text(item.word);
      writer.uint8(0);
      return;
    }
    writer.uint8(2);
    writer.uint8(operatorNumbers[item.kind]);
    if (item.kind === 'phrase') writer.int16(item.distance);
    if (item.kind === 'not') node(item.argument);
    else {
      node(item.right);
      node(item.left);
    }
  };
  if (query.root !== undefined) node(query.root);
}

function receive(bytes: Buffer): TsQuery {
  if (bytes.length < 4) throw insufficientData();
  let at = 4;
  const node = (depth: number): QueryNode => {
    if (depth > depthMax || at + 2 > bytes.length) throw insufficientData();
    const kind = bytes[at];
    const second = bytes[at + 1];
    if (kind === 1) {
      const stop = bytes.indexOf(0, at + 3);
      if (stop < 0) throw insufficientData();
      const word = utf8Text(bytes, at + 3, stop);
      const prefix = bytes[at + 2] !== 0;
      at = stop + 1;
      return { kind: 'lexeme', word, weights: second & 15, prefix };
    }
    at += 2;
    if (kind !== 2 || second < 1 || second > 4) throw invalidBinary();
    if (second === 1) return { kind: 'not', argument: node(depth + 1) };
    const distance = second === 4 ? bytes.readUInt16BE(at) : 0;
    if (second === 4) at += 2;
    const right = node(depth + 1);
    const left = node(depth + 1);
    return pair(second === 2 ? 'and' : second === 3 ? 'or' : 'phrase', left, right, distance);
  };
  const query = new TsQuery(bytes.readUInt32BE(0) === 0 ? undefined : node(0));
  if (at !== bytes.length) throw invalidBinary();
  return query;
}

export const tsQueryTypes: readonly AnyValueType[] = [
  valueType<TsQuery>({
    oid: TypeOid.tsquery,
    io: typeIo<TsQuery>({
      input: parseTsQuery,
      output: (value) => value.toString(),
      receive,
      send: (value, writer) => send(writer, value),
    }),
    codec: {
      write: (writer, value) => send(writer, value),
      read: (buffer, start, end) => receive(buffer.subarray(start, end)),
    },
    order: { compare: compareTsQueries, hashKey: keyOf, encodeKey: keyOf },
  }),
];
