// PostgreSQL's own grammar as a WebAssembly module (libpg-query), made safe to keep in a server.
//
// Invariants:
// - The module is compiled once; an instance that threw anything but a syntax error is never used
//   again (a trap or a stack overflow leaves its memory and its stack pointer in an unknown state).
// - Spare instances are made ahead of time, since the generated loader can only finish in a later
//   turn of the event loop and parsing is synchronous.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { ParseResult } from '@pgsql/types';
import { assert, databaseError } from '#common';
import { parseLimits } from './limits.ts';
import { stackDepthError } from './nesting.ts';

/** What the generated loader of libpg-query gives; pointers are numbers. */
interface PgQueryModule {
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  _free(pointer: number): void;
  _wasm_parse_query_raw(text: number): number;
  _wasm_free_parse_result(result: number): void;
  getValue(pointer: number, type: 'i32'): number;
  UTF8ToString(pointer: number): string;
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, pointer: number, size: number): void;
}
type PgQueryFactory = (options: {
  instantiateWasm(imports: object, receive: (instance: WasmInstance) => void): object;
  printErr(line: string): void;
}) => Promise<PgQueryModule>;

// The part of the WebAssembly interface that is used here; the library of types that Node's own types
// build on leaves it to the browser's.
type WasmModule = object;
interface WasmInstance {
  readonly exports: object;
}
const {
  Module: WasmModule,
  Instance: WasmInstance,
  RuntimeError: WasmRuntimeError,
} = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly Module: new (bytes: Uint8Array) => WasmModule;
      readonly Instance: new (module: WasmModule, imports: object) => WasmInstance;
      readonly RuntimeError: new () => Error;
    };
  }
).WebAssembly;

/** A syntax error as the grammar reports it; `character` counts code points from zero. */
export interface GrammarError {
  readonly message: string;
  readonly character: number;
}

let compiled: { readonly factory: PgQueryFactory; readonly module: WasmModule } | undefined;
let current: PgQueryModule | undefined;
const spares: PgQueryModule[] = [];
let refill: Promise<void> | undefined;
let replacements = 0;

/** Compiles the grammar and makes the first instances; parsing is synchronous from then on. */
export async function loadParser(): Promise<void> {
  if (current !== undefined) return;
  const require = createRequire(import.meta.url);
  compiled ??= {
    factory: require('libpg-query/wasm/libpg-query.js') as PgQueryFactory,
    module: new WasmModule(readFileSync(require.resolve('libpg-query/wasm/libpg-query.wasm'))),
  };
  current ??= await instantiate();
  await replenish();
}

/** How many instances had to be replaced since the start, for metrics and tests. */
export function parserReplacements(): number {
  return replacements;
}

/** The parse tree of a text with any number of statements, or the grammar's error. */
export function parseWithGrammar(sql: string): ParseResult | GrammarError {
  const instance = current ?? spares.pop();
  assert(compiled !== undefined, 'loadParser() has not been awaited');
  // Every spare died within one turn of the event loop: refuse until the next ones are ready.
  if (instance === undefined) throw stackDepthError();
  current = instance;
  let outcome: string | GrammarError;
  try {
    outcome = callGrammar(instance, sql);
  } catch (error) {
    retire();
    if (error instanceof RangeError || error instanceof WasmRuntimeError) throw stackDepthError();
    // The grammar calls exit() when its memory is used up; what is thrown is no Error.
    if (!(error instanceof Error)) throw databaseError('outOfMemory', 'out of memory');
    throw error;
  }
  if (instance.HEAPU8.length > parseLimits.parserMemoryBytes) retire();
  if (typeof outcome !== 'string') {
    if (/^(memory exhausted|stack depth limit exceeded|out of memory)/.test(outcome.message))
      throw stackDepthError();
    return outcome;
  }
  return JSON.parse(outcome) as ParseResult;
}

function callGrammar(instance: PgQueryModule, sql: string): string | GrammarError {
  const size = instance.lengthBytesUTF8(sql) + 1;
  const text = instance._malloc(size);
  if (text === 0) throw new RangeError('parser memory exhausted');
  instance.stringToUTF8(sql, text, size);
  const result = instance._wasm_parse_query_raw(text);
  if (result === 0) throw new RangeError('parser memory exhausted');
  // PgQueryParseResult: tree, stderr buffer, error; PgQueryError: message, function, file, line, cursor.
  const error = instance.getValue(result + 8, 'i32');
  const outcome =
    error === 0
      ? instance.UTF8ToString(instance.getValue(result, 'i32'))
      : {
          message: instance.UTF8ToString(instance.getValue(error, 'i32')),
          character: Math.max(0, instance.getValue(error + 16, 'i32') - 1),
        };
  instance._free(text);
  instance._wasm_free_parse_result(result);
  return outcome;
}

function retire(): void {
  replacements++;
  current = spares.pop();
  void replenish();
}

function replenish(): Promise<void> {
  refill ??= (async () => {
    while (spares.length < parseLimits.spareParsers) spares.push(await instantiate());
  })().finally(() => {
    refill = undefined;
  });
  return refill;
}

function instantiate(): Promise<PgQueryModule> {
  assert(compiled !== undefined, 'the grammar is not compiled');
  const { factory, module } = compiled;
  return factory({
    instantiateWasm(imports, receive) {
      const instance = new WasmInstance(module, imports);
      receive(instance);
      return instance.exports;
    },
    printErr() {},
  });
}
