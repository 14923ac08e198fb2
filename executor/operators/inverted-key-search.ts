// Finds the rows that an inverted index has under the terms of some conditions: lists of row keys, joined
// under "or" and intersected under "and". Reading goes in slices, so that others get their turn.
//
// Under "and" all lists are read side by side; once the shortest is known, those that go on much longer
// are left out: the rows are checked against the conditions anyway, and a long list costs more to read
// than the few rows that it would exclude.

import type { Datum } from '#common';
import { allOf, invertedClass, type TermQuery } from '#functions';
import type { InvertedCondition, ScanAccess } from '#planner';
import type { Key, ReadView, TableAccess, TermRange } from '#storage';
import { compileExpression } from '../expression/compile-expression.ts';
import { type Evaluator, noColumns } from '../expression/environment.ts';
import { invertedKeysMax } from '../limits.ts';
import type { Runtime } from '../runtime.ts';

type InvertedAccess = Extract<ScanAccess, { kind: 'inverted' }>;

/** Yields the number of keys read so far; returns them in ascending order, or undefined for all rows. */
type Reading = Generator<number, readonly Key[] | undefined>;

const keysPerSlice = 512;
/** How much longer than the shortest list another one may be. */
const longerFactor = 4;
const longerKeys = 1024;

export class InvertedKeySearch {
  private readonly access: InvertedAccess;
  private readonly table: TableAccess;
  private readonly runtime: Runtime;
  private readonly conditions: readonly {
    readonly condition: InvertedCondition;
    readonly query: Evaluator;
  }[];
  private reading: Reading | undefined = undefined;
  /** All keys come in one list. */
  readonly isDone = true;

  constructor(access: InvertedAccess, table: TableAccess, runtime: Runtime) {
    this.access = access;
    this.table = table;
    this.runtime = runtime;
    this.conditions = access.conditions.map((condition) => ({
      condition,
      query: compileExpression(condition.query, runtime),
    }));
  }

  start(view: ReadView | undefined): void {
    this.stop();
    const { functions } = this.runtime;
    const parts = this.conditions.map(({ condition, query }) => {
      const value = query(noColumns, 0);
      const terms = termsOf(condition, value, (name) => functions.setting(name));
      return { position: condition.position, query: terms };
    });
    this.reading = this.all(parts.map(({ position, query }) => this.read(query, position, view)));
  }

  /** Reads on; undefined while there is more to read. */
  step(): { readonly keys: readonly Key[] | undefined } | undefined {
    const turn = this.reading!.next();
    return turn.done === true ? { keys: turn.value } : undefined;
  }

  stop(): void {
    this.reading?.return(undefined);
    this.reading = undefined;
  }

  private *read(query: TermQuery, position: number, view: ReadView | undefined): Reading {
    switch (query.kind) {
      case 'all':
        return undefined;
      case 'none':
        return [];
      case 'term':
        return yield* this.readTerms({ kind: 'prefix', term: query.term }, position, view);
      case 'between':
        return yield* this.readTerms(query, position, view);
      case 'and':
        return yield* this.all(query.parts.map((part) => this.read(part, position, view)));
      case 'or':
        return yield* this.any(query.parts.map((part) => this.read(part, position, view)));
    }
  }

  private *readTerms(terms: TermRange, position: number, view: ReadView | undefined): Reading {
    const cursor = this.table.openTerms(this.runtime.reader, {
      indexOid: this.access.indexOid,
      position,
      terms,
      ...(view === undefined ? {} : { view }),
    });
    if (cursor === undefined) return undefined;
    const keys: Key[] = [];
    let isAscending = true;
    try {
      for (let key = cursor.next(); key !== undefined; key = cursor.next()) {
        if (keys.length > 0 && key <= keys[keys.length - 1]) isAscending = false;
        keys.push(key);
        if (keys.length > invertedKeysMax) return undefined;
        if (keys.length % keysPerSlice === 0) yield keys.length;
      }
    } finally {
      cursor.close();
    }
    return isAscending ? keys : distinctKeys(keys);
  }

  private *any(parts: readonly Reading[]): Reading {
    const found: Key[] = [];
    for (const part of parts) {
      let turn = part.next();
      for (; turn.done !== true; turn = part.next()) yield found.length + turn.value;
      if (turn.value === undefined) return undefined;
      for (const key of turn.value) found.push(key);
      if (found.length > invertedKeysMax) return undefined;
    }
    return distinctKeys(found);
  }

  private *all(parts: readonly Reading[]): Reading {
    let running = parts.map((reading) => ({ reading, read: 0 }));
    const lists: (readonly Key[])[] = [];
    let total = 0;
    while (running.length > 0) {
      for (const part of running) {
        const turn = part.reading.next();
        if (turn.done !== true) {
          total += turn.value - part.read;
          part.read = turn.value;
        } else {
          part.read = Infinity;
          if (turn.value !== undefined) lists.push(turn.value);
        }
      }
      const shortest = lists.reduce((least, list) => Math.min(least, list.length), Infinity);
      const readMax = shortest * longerFactor + longerKeys;
      running = running.filter(({ reading, read }) => {
        if (read <= readMax && read !== Infinity) return true;
        reading.return(undefined);
        return false;
      });
      if (running.length > 0) yield total;
    }
    return lists.length === 0 ? undefined : intersection(lists);
  }
}

/** A null query is true for no row. */
function termsOf(
  condition: InvertedCondition,
  value: Datum,
  setting: (name: string) => string | undefined,
): TermQuery {
  if (value === null) return { kind: 'none' };
  const found = invertedClass(condition.operatorClass, condition.columnType);
  return found?.queries[condition.operator]?.(value, setting) ?? allOf([]);
}

function distinctKeys(keys: readonly Key[]): Key[] {
  return [...new Set(keys)].sort();
}

function intersection(lists: (readonly Key[])[]): readonly Key[] {
  const [first, ...others] = lists.toSorted((left, right) => left.length - right.length);
  const sets = others.map((list) => new Set(list));
  return sets.length === 0 ? first : first.filter((key) => sets.every((set) => set.has(key)));
}
