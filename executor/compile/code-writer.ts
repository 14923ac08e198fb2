// Writes one generated function: statements in nested scopes, names for intermediate values, and the
// objects that the code works on. These reach the code through an argument, never through its text:
// the text holds names that this writer makes, numbers, and operators.
//
// A value that has been computed in a scope is known in the scopes inside of it, and forgotten when
// the scope ends; so an expression that occurs twice is computed once.

import type { Vector } from '#common';
import type { CompiledValue } from './compiled-value.ts';

/** What a call of a generated function is about: the vectors of a block by source column. */
export interface BlockFrame {
  readonly vectors: readonly (Vector | undefined)[];
}

/** Gives the object that stands behind a name, once a call. */
export type Resolve = (frame: BlockFrame) => unknown;

/** Handles the places from .. to - 1 of the block, or of the selection when there is one. */
export type BlockFunction = (
  objects: readonly unknown[],
  from: number,
  to: number,
  selection: Int32Array | undefined,
) => number;

export interface GeneratedCode {
  readonly text: string;
  readonly resolvers: readonly Resolve[];
}

type Known = Map<object, Map<string, CompiledValue>>;

export class CodeWriter {
  private readonly prologue: string[] = [];
  private body: string[] = [];
  private readonly epilogue: string[] = [];
  private readonly resolvers: Resolve[] = [];
  private readonly boundObjects = new Map<unknown, string>();
  private scopes: Known[] = [new Map()];
  private names = 0;

  fresh(prefix = 't'): string {
    return `${prefix}${this.names++}`;
  }

  /** A name for what `resolve` gives at each call. */
  bind(resolve: Resolve): string {
    const name = this.fresh('b');
    this.prologue.push(`const ${name} = B[${this.resolvers.length}];`);
    this.resolvers.push(resolve);
    return name;
  }

  /** A name for one object, which is the same at every call. */
  bindObject(object: object): string {
    let name = this.boundObjects.get(object);
    if (name === undefined) {
      name = this.bind(() => object);
      this.boundObjects.set(object, name);
    }
    return name;
  }

  /** A statement before the loop. */
  before(statement: string): void {
    this.prologue.push(statement);
  }

  /** A statement after the loop. */
  after(statement: string): void {
    this.epilogue.push(statement);
  }

  line(statement: string): void {
    this.body.push(statement);
  }

  /** A name for the value of the text. */
  declare(text: string, prefix = 't'): string {
    const name = this.fresh(prefix);
    this.body.push(`const ${name} = ${text};`);
    return name;
  }

  open(header: string): void {
    this.body.push(`${header} {`);
    this.scopes.push(new Map());
  }

  /** Ends a scope and begins its alternative. */
  otherwise(): void {
    this.scopes.pop();
    this.body.push('} else {');
    this.scopes.push(new Map());
  }

  close(): void {
    this.scopes.pop();
    this.body.push('}');
  }

  /** Statements for another place: what `write` would have put here, in a scope that stays open. */
  capture<T>(write: () => T): { readonly lines: readonly string[]; readonly result: T } {
    const outer = this.body;
    this.body = [];
    this.scopes.push(new Map());
    try {
      const result = write();
      return { lines: this.body, result };
    } finally {
      this.body = outer;
    }
  }

  /** A loop behind the one that is being written: nothing that is known there is known in it. */
  loopBehind(header: string, write: () => void): void {
    const { body, scopes } = this;
    this.body = [`${header} {`];
    this.scopes = [new Map()];
    write();
    this.epilogue.push(...this.body, '}');
    this.body = body;
    this.scopes = scopes;
  }

  /** Ends the scopes of so many captures. */
  endCaptures(count: number): void {
    this.scopes.length -= count;
  }

  lines(statements: readonly string[]): void {
    this.body.push(...statements);
  }

  known(owner: object, key: string): CompiledValue | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const value = this.scopes[i].get(owner)?.get(key);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  remember(owner: object, key: string, value: CompiledValue): void {
    const scope = this.scopes[this.scopes.length - 1];
    let values = scope.get(owner);
    if (values === undefined) {
      values = new Map();
      scope.set(owner, values);
    }
    values.set(key, value);
  }

  finish(result: string): GeneratedCode {
    const text = [
      '"use strict";',
      ...this.prologue,
      ...this.body,
      ...this.epilogue,
      `return ${result};`,
    ].join('\n');
    return { text, resolvers: this.resolvers };
  }
}
