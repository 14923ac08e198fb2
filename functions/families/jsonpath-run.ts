// Runs a jsonpath over a document, by the rules of SQL:2016 as PostgreSQL reads them: lax mode unwraps
// arrays and forgives what is missing, strict mode does neither; a condition whose parts fail is
// unknown (null here).

import {
  databaseError,
  JsonObject,
  type JsonPath,
  type JsonValue,
  Numeric,
  type PathItem,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import { compareItems, regexOf, someHolds, startsWith, type Truth } from './jsonpath-conditions.ts';
import { keyValueId } from './jsonpath-ids.ts';
import { asArray, asObject, PathError, type PathValue, typeNameOf } from './jsonpath-items.ts';
import {
  calculate,
  fail,
  numericMethod,
  type Step,
  toDateTime,
  toDouble,
} from './jsonpath-methods.ts';

/** Receives the results one by one; true: no more are wanted. */
export type Sink = (value: PathValue) => boolean;

/** Leaves a run whose sink has enough. */
class Enough extends Error {}

export interface PathRun {
  readonly path: JsonPath;
  readonly document: JsonValue;
  readonly variables: JsonObject;
  readonly context: FunctionContext;
  /** Whether dates may meet times of a zone (the *_tz functions). */
  readonly zones: boolean;
}

/** Feeds the sink. Errors come as PathError when they may be suppressed. */
export function runPath(run: PathRun, sink: Sink): void {
  try {
    new Runner(run).root(sink);
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
}

export function collectPath(run: PathRun): PathValue[] {
  const values: PathValue[] = [];
  runPath(run, (value) => {
    values.push(value);
    return false;
  });
  return values;
}

class Runner {
  private readonly run: PathRun;
  private readonly lax: boolean;
  private forgiving: boolean;
  private current: PathValue;
  private innermostSize = -1;
  private steps = 0;

  constructor(run: PathRun) {
    this.run = run;
    this.lax = !run.path.strict;
    this.forgiving = this.lax;
    this.current = run.document;
  }

  root(sink: Sink): void {
    this.item(this.run.path.root, this.run.document, sink, this.lax);
  }

  private next(item: PathItem, value: PathValue, sink: Sink): void {
    if (item.next !== undefined) this.item(item.next, value, sink, this.lax);
    else if (sink(value)) throw new Enough();
  }

  private item(item: PathItem, value: PathValue, sink: Sink, unwrap: boolean): void {
    if ((++this.steps & 0xfff) === 0) this.run.context.checkCancel();
    const { step } = item;
    switch (step.kind) {
      case 'root':
        return this.next(item, this.run.document, sink);
      case 'current':
        return this.next(item, this.current, sink);
      case 'last':
        return this.next(item, Numeric.fromInteger(this.innermostSize - 1), sink);
      case 'literal':
        return this.next(item, step.value, sink);
      case 'variable':
        return this.next(item, this.variable(step.name), sink);
      case 'arithmetic':
        return this.next(item, this.arithmetic(step, value), sink);
      case 'sign':
        return this.sign(item, step, value, sink);
      case 'key':
        return this.key(item, step, value, sink, unwrap);
      case 'anyKey':
        return this.anyKey(item, value, sink, unwrap);
      case 'anyElement':
        return this.anyElement(item, value, sink);
      case 'anyDepth':
        return this.anyDepth(item, step, value, sink);
      case 'elements':
        return this.elements(item, step, value, sink);
      case 'method':
        return this.method(item, step, value, sink, unwrap);
      case 'filter':
        if (unwrap && asArray(value) !== undefined) return this.unwrapped(item, value, sink);
        if (this.nestedCondition(step.condition, value) === true) this.next(item, value, sink);
        return;
      default:
        return this.next(item, this.condition(item, value), sink);
    }
  }

  /** The item on each element of an array, which is not unwrapped any further. */
  private unwrapped(item: PathItem, value: PathValue, sink: Sink): void {
    for (const element of asArray(value) ?? []) this.item(item, element, sink, false);
  }

  private variable(name: string): JsonValue {
    const value = this.run.variables.members.get(name);
    if (value === undefined) {
      throw databaseError('undefinedObject', `could not find jsonpath variable "${name}"`);
    }
    return value;
  }

  /** All results of an item; arrays among them are taken apart in lax mode when asked. */
  private collect(item: PathItem, value: PathValue, unwrap: boolean): PathValue[] {
    const values: PathValue[] = [];
    this.item(
      item,
      value,
      (result) => {
        const elements = unwrap && this.lax ? asArray(result) : undefined;
        if (elements === undefined) values.push(result);
        else for (const element of elements) values.push(element);
        return false;
      },
      this.lax,
    );
    return values;
  }

  private arithmetic(step: Step<'arithmetic'>, value: PathValue): Numeric {
    const operand = (item: PathItem, side: string): Numeric => {
      const values = this.collect(item, value, true);
      if (values.length === 1 && values[0] instanceof Numeric) return values[0];
      return fail(
        'singletonSqlJsonItemRequired',
        `${side} operand of jsonpath operator ${step.operator} is not a single numeric value`,
      );
    };
    const left = operand(step.left, 'left');
    const right = operand(step.right, 'right');
    return calculate(step.operator, left, right);
  }

  private sign(item: PathItem, step: Step<'sign'>, value: PathValue, sink: Sink): void {
    for (const operand of this.collect(step.argument, value, true)) {
      if (!(operand instanceof Numeric)) {
        fail(
          'sqlJsonNumberNotFound',
          `operand of unary jsonpath operator ${step.operator} is not a numeric value`,
        );
      }
      this.next(item, step.operator === '-' ? operand.negate() : operand, sink);
    }
  }

  private key(
    item: PathItem,
    step: Step<'key'>,
    value: PathValue,
    sink: Sink,
    unwrap: boolean,
  ): void {
    const object = asObject(value);
    if (object !== undefined) {
      const member = object.members.get(step.name);
      if (member !== undefined) this.next(item, member, sink);
      else if (!this.forgiving) {
        fail('sqlJsonMemberNotFound', `JSON object does not contain key "${step.name}"`);
      }
    } else if (unwrap && asArray(value) !== undefined) this.unwrapped(item, value, sink);
    else if (!this.forgiving) {
      fail('sqlJsonMemberNotFound', 'jsonpath member accessor can only be applied to an object');
    }
  }

  private anyKey(item: PathItem, value: PathValue, sink: Sink, unwrap: boolean): void {
    const object = asObject(value);
    if (object !== undefined) {
      for (const member of object.members.values()) this.next(item, member, sink);
    } else if (unwrap && asArray(value) !== undefined) this.unwrapped(item, value, sink);
    else if (!this.forgiving) {
      fail(
        'sqlJsonObjectNotFound',
        'jsonpath wildcard member accessor can only be applied to an object',
      );
    }
  }

  private anyElement(item: PathItem, value: PathValue, sink: Sink): void {
    const array = asArray(value);
    if (array !== undefined) for (const element of array) this.next(item, element, sink);
    else if (this.lax) this.next(item, value, sink);
    else if (!this.forgiving) {
      fail(
        'sqlJsonArrayNotFound',
        'jsonpath wildcard array accessor can only be applied to an array',
      );
    }
  }

  private anyDepth(item: PathItem, step: Step<'anyDepth'>, value: PathValue, sink: Sink): void {
    if (step.depths.from === 0) this.forgivingNext(item, value, sink);
    this.descend(item, step, value, 1, sink);
  }

  private forgivingNext(item: PathItem, value: PathValue, sink: Sink): void {
    const saved = this.forgiving;
    this.forgiving = true;
    try {
      this.next(item, value, sink);
    } finally {
      this.forgiving = saved;
    }
  }

  private descend(
    item: PathItem,
    step: Step<'anyDepth'>,
    value: PathValue,
    level: number,
    sink: Sink,
  ): void {
    const { from, to } = step.depths;
    if (level > to) return;
    for (const child of asArray(value) ?? asObject(value)?.members.values() ?? []) {
      const isLeaf = asArray(child) === undefined && asObject(child) === undefined;
      const leavesOnly = from === Infinity && to === Infinity;
      if (leavesOnly ? isLeaf : level >= from) this.forgivingNext(item, child, sink);
      if (level < to && !isLeaf) this.descend(item, step, child, level + 1, sink);
    }
  }

  private elements(item: PathItem, step: Step<'elements'>, value: PathValue, sink: Sink): void {
    const array = asArray(value);
    if (array === undefined && !this.lax) {
      if (this.forgiving) return;
      fail('sqlJsonArrayNotFound', 'jsonpath array accessor can only be applied to an array');
    }
    const size = array?.length ?? 1;
    const savedSize = this.innermostSize;
    this.innermostSize = size;
    try {
      for (const { from, to } of step.subscripts) {
        let first = this.index(from, value);
        let last = to === undefined ? first : this.index(to, value);
        if (!this.forgiving && (first < 0 || first > last || last >= size)) {
          fail('invalidSqlJsonSubscript', 'jsonpath array subscript is out of bounds');
        }
        first = Math.max(0, first);
        last = Math.min(size - 1, last);
        for (let index = first; index <= last; index++)
          this.next(item, array === undefined ? value : array[index], sink);
      }
    } finally {
      this.innermostSize = savedSize;
    }
  }

  private index(item: PathItem, value: PathValue): number {
    const values = this.collect(item, value, false);
    const [number] = values;
    if (values.length !== 1 || !(number instanceof Numeric)) {
      return fail(
        'invalidSqlJsonSubscript',
        'jsonpath array subscript is not a single numeric value',
      );
    }
    const index = number.truncate(0).toNumber();
    if (Math.abs(index) <= 2147483647) return index;
    return fail('invalidSqlJsonSubscript', 'jsonpath array subscript is out of integer range');
  }

  private method(
    item: PathItem,
    step: Step<'method'>,
    value: PathValue,
    sink: Sink,
    unwrap: boolean,
  ): void {
    const { method } = step;
    if (method === 'type') return this.next(item, typeNameOf(value), sink);
    const array = asArray(value);
    if (method === 'size') {
      if (array === undefined && !this.lax) {
        if (this.forgiving) return;
        fail(
          'sqlJsonArrayNotFound',
          'jsonpath item method .size() can only be applied to an array',
        );
      }
      return this.next(item, Numeric.fromInteger(array?.length ?? 1), sink);
    }
    if (unwrap && array !== undefined) return this.unwrapped(item, value, sink);
    switch (method) {
      case 'double':
        return this.next(item, toDouble(value), sink);
      case 'datetime':
        return this.next(item, toDateTime(value, step.template), sink);
      case 'keyvalue':
        return this.keyValue(item, value, sink);
      default:
        return this.next(item, numericMethod(method, value), sink);
    }
  }

  private keyValue(item: PathItem, value: PathValue, sink: Sink): void {
    const object = asObject(value);
    if (object === undefined) {
      fail(
        'sqlJsonObjectNotFound',
        'jsonpath item method .keyvalue() can only be applied to an object',
      );
    }
    const id = Numeric.fromInteger(keyValueId(this.run.document, object));
    for (const [key, member] of object.members) {
      this.next(
        item,
        JsonObject.of([
          ['key', key],
          ['value', member],
          ['id', id],
        ]),
        sink,
      );
    }
  }

  private nestedCondition(item: PathItem, value: PathValue): Truth {
    const saved = this.current;
    this.current = value;
    try {
      return this.condition(item, value);
    } finally {
      this.current = saved;
    }
  }

  private condition(item: PathItem, value: PathValue): Truth {
    const { step } = item;
    switch (step.kind) {
      case 'and': {
        const left = this.condition(step.left, value);
        if (left === false) return false;
        const right = this.condition(step.right, value);
        return right === true ? left : right;
      }
      case 'or': {
        const left = this.condition(step.left, value);
        if (left === true) return true;
        const right = this.condition(step.right, value);
        return right === false ? left : right;
      }
      case 'not': {
        const truth = this.condition(step.argument, value);
        return truth === null ? null : !truth;
      }
      case 'isUnknown':
        return this.condition(step.argument, value) === null;
      case 'exists':
        return this.exists(step.argument, value);
      case 'comparison': {
        const { operator } = step;
        const zones = this.run.zones ? this.run.context : undefined;
        return this.predicate(step.left, step.right, value, true, (left, right) =>
          compareItems(operator, left, right, zones),
        );
      }
      case 'startsWith':
        return this.predicate(step.left, step.right, value, false, startsWith);
      case 'likeRegex': {
        const test = regexOf(step);
        return this.predicate(step.argument, undefined, value, false, (left) =>
          typeof left === 'string' ? test(left) : null,
        );
      }
      default:
        throw databaseError('syntaxError', 'jsonpath predicate expected');
    }
  }

  private exists(item: PathItem, value: PathValue): Truth {
    let found = false;
    try {
      this.item(
        item,
        value,
        () => {
          found = true;
          return this.lax;
        },
        this.lax,
      );
    } catch (error) {
      if (error instanceof PathError) return null;
      if (!(error instanceof Enough)) throw error;
    }
    return found;
  }

  /** undefined: an error that makes the condition unknown. */
  private operands(item: PathItem, value: PathValue, unwrap: boolean): PathValue[] | undefined {
    try {
      return this.collect(item, value, unwrap);
    } catch (error) {
      if (error instanceof PathError) return undefined;
      throw error;
    }
  }

  private predicate(
    leftItem: PathItem,
    rightItem: PathItem | undefined,
    value: PathValue,
    unwrapRight: boolean,
    test: (left: PathValue, right: PathValue) => Truth,
  ): Truth {
    const left = this.operands(leftItem, value, true);
    if (left === undefined) return null;
    const right = rightItem === undefined ? [null] : this.operands(rightItem, value, unwrapRight);
    if (right === undefined) return null;
    return someHolds({ left, right }, this.lax, test);
  }
}
