// Parses a jsonpath by recursive descent. Predicates and values share the parentheses of the grammar,
// so a parsed part says which of the two it is, and each place checks what it may hold.

import { databaseError } from '../errors.ts';
import { invalidInput } from '../type-io/contract.ts';
import { Numeric } from '../numeric.ts';
import {
  withSteps,
  type ArithmeticOperator,
  type ComparisonOperator,
  type JsonPath,
  type LikeRegexFlags,
  type PathItem,
  type PathMethod,
  type PathStep,
} from './ast.ts';
import { syntaxError, tokenizePath, type PathToken } from './lexer.ts';

/** Parentheses, filters and signs inside each other. */
const depthMax = 500;

const comparisons = new Set(['==', '!=', '<', '>', '<=', '>=']);
const methods = new Set<string>([
  'abs',
  'size',
  'type',
  'floor',
  'double',
  'ceiling',
  'keyvalue',
  'datetime',
]);

interface Part {
  readonly item: PathItem;
  readonly isPredicate: boolean;
}

export function parseJsonPath(text: string): JsonPath {
  const tokens = tokenizePath(text);
  if (tokens.length === 1) throw invalidInput('jsonpath', text);
  return new PathParser(tokens).parse();
}

const alone = (step: PathStep): PathItem => ({ step, next: undefined });
const value = (step: PathStep): Part => ({ item: alone(step), isPredicate: false });
const predicate = (step: PathStep): Part => ({ item: alone(step), isPredicate: true });

class PathParser {
  private readonly tokens: readonly PathToken[];
  private at = 0;
  private depth = 0;
  private filterDepth = 0;
  private subscriptDepth = 0;

  constructor(tokens: readonly PathToken[]) {
    this.tokens = tokens;
  }

  parse(): JsonPath {
    let strict = false;
    if (this.isKeyword('strict') || this.isKeyword('lax')) {
      strict = this.current.text === 'strict';
      this.at++;
    }
    const { item } = this.or();
    if (this.current.kind !== 'end') throw this.unexpected();
    return { strict, root: item };
  }

  private get current(): PathToken {
    return this.tokens[this.at];
  }

  private isSymbol(text: string): boolean {
    return this.current.kind === 'symbol' && this.current.text === text;
  }

  private isKeyword(text: string): boolean {
    return this.current.kind === 'keyword' && this.current.text === text;
  }

  private take(text: string): boolean {
    if (!this.isSymbol(text)) return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    if (!this.take(text)) throw this.unexpected();
  }

  private expectKeyword(text: string): void {
    if (!this.isKeyword(text)) throw this.unexpected();
    this.at++;
  }

  private unexpected(): Error {
    return syntaxError(this.current.near);
  }

  private nested<Result>(parse: () => Result): Result {
    if (++this.depth > depthMax)
      throw databaseError('statementTooComplex', 'stack depth limit exceeded');
    const result = parse();
    this.depth--;
    return result;
  }

  private predicateItem(part: Part): PathItem {
    if (!part.isPredicate) throw this.unexpected();
    return part.item;
  }

  private valueItem(part: Part): PathItem {
    if (part.isPredicate) throw this.unexpected();
    return part.item;
  }

  private or(): Part {
    let left = this.and();
    while (this.isSymbol('||')) {
      const first = this.predicateItem(left);
      this.at++;
      const right = this.predicateItem(this.and());
      left = predicate({ kind: 'or', left: first, right });
    }
    return left;
  }

  private and(): Part {
    let left = this.comparison();
    while (this.isSymbol('&&')) {
      const first = this.predicateItem(left);
      this.at++;
      const right = this.predicateItem(this.comparison());
      left = predicate({ kind: 'and', left: first, right });
    }
    return left;
  }

  private comparison(): Part {
    if (this.take('!')) {
      if (!this.isSymbol('(') && !this.isKeyword('exists')) throw this.unexpected();
      const argument = this.predicateItem(this.nested(() => this.primary()));
      return predicate({ kind: 'not', argument });
    }
    const left = this.sum();
    const { current } = this;
    if (current.kind === 'symbol' && comparisons.has(current.text)) {
      const first = this.valueItem(left);
      this.at++;
      const right = this.valueItem(this.sum());
      const operator = current.text as ComparisonOperator;
      return predicate({ kind: 'comparison', operator, left: first, right });
    }
    if (current.kind !== 'keyword') return left;
    if (current.text === 'starts') return this.startsWith(this.valueItem(left));
    if (current.text === 'like_regex') return this.likeRegex(this.valueItem(left));
    return left;
  }

  private startsWith(left: PathItem): Part {
    this.at++;
    this.expectKeyword('with');
    const { kind, text } = this.current;
    if (kind !== 'string' && kind !== 'variable') throw this.unexpected();
    this.at++;
    const right: PathStep =
      kind === 'string' ? { kind: 'literal', value: text } : { kind: 'variable', name: text };
    return predicate({ kind: 'startsWith', left, right: alone(right) });
  }

  private likeRegex(argument: PathItem): Part {
    this.at++;
    const pattern = this.string();
    let flags = '';
    if (this.isKeyword('flag')) {
      this.at++;
      flags = this.string();
    }
    return predicate({ kind: 'likeRegex', argument, pattern, flags: regexFlags(flags) });
  }

  private string(): string {
    const { kind, text } = this.current;
    if (kind !== 'string') throw this.unexpected();
    this.at++;
    return text;
  }

  private sum(): Part {
    let left = this.product();
    while (this.isSymbol('+') || this.isSymbol('-'))
      left = this.arithmetic(left, () => this.product());
    return left;
  }

  private product(): Part {
    let left = this.sign();
    while (this.isSymbol('*') || this.isSymbol('/') || this.isSymbol('%'))
      left = this.arithmetic(left, () => this.sign());
    return left;
  }

  private arithmetic(left: Part, operand: () => Part): Part {
    const first = this.valueItem(left);
    const operator = this.current.text as ArithmeticOperator;
    this.at++;
    const right = this.valueItem(operand());
    return value({ kind: 'arithmetic', operator, left: first, right });
  }

  /** A sign before a plain number becomes part of it. */
  private sign(): Part {
    if (!this.isSymbol('+') && !this.isSymbol('-')) return this.primary();
    const operator = this.current.text as '+' | '-';
    this.at++;
    const argument = this.valueItem(this.nested(() => this.sign()));
    const { step, next } = argument;
    if (step.kind === 'literal' && step.value instanceof Numeric && next === undefined) {
      return operator === '+'
        ? { item: argument, isPredicate: false }
        : value({ kind: 'literal', value: step.value.negate() });
    }
    return value({ kind: 'sign', operator, argument });
  }

  private primary(): Part {
    if (this.isKeyword('exists')) {
      this.at++;
      this.expect('(');
      const argument = this.valueItem(this.nested(() => this.or()));
      this.expect(')');
      return predicate({ kind: 'exists', argument });
    }
    if (!this.isSymbol('(')) {
      const item = alone(this.atom());
      return { item: withSteps(item, this.accessors()), isPredicate: false };
    }
    this.at++;
    const inner = this.nested(() => this.or());
    this.expect(')');
    if (inner.isPredicate && this.isKeyword('is')) {
      this.at++;
      this.expectKeyword('unknown');
      return predicate({ kind: 'isUnknown', argument: inner.item });
    }
    const steps = this.accessors();
    if (steps.length === 0) return inner;
    return { item: withSteps(inner.item, steps), isPredicate: false };
  }

  private atom(): PathStep {
    const { kind, text } = this.current;
    this.at++;
    switch (kind) {
      case 'string':
        return { kind: 'literal', value: text };
      case 'variable':
        return { kind: 'variable', name: text };
      case 'integer':
      case 'number':
        return { kind: 'literal', value: Numeric.parse(text) };
      case 'keyword':
        if (text === 'null') return { kind: 'literal', value: null };
        if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
        if (text === 'last') return this.last();
        break;
      case 'symbol':
        if (text === '$') return { kind: 'root' };
        if (text === '@') return this.currentItem();
        break;
      case 'name':
      case 'end':
        break;
    }
    this.at--;
    throw this.unexpected();
  }

  private last(): PathStep {
    if (this.subscriptDepth > 0) return { kind: 'last' };
    throw databaseError('syntaxError', 'LAST is allowed only in array subscripts');
  }

  private currentItem(): PathStep {
    if (this.filterDepth > 0) return { kind: 'current' };
    throw databaseError('syntaxError', '@ is not allowed in root expressions');
  }

  private accessors(): PathStep[] {
    const steps: PathStep[] = [];
    for (;;) {
      if (this.take('.')) steps.push(this.member());
      else if (this.take('[')) steps.push(this.subscripts());
      else if (this.take('?')) steps.push(this.filter());
      else return steps;
    }
  }

  private filter(): PathStep {
    this.expect('(');
    this.filterDepth++;
    const condition = this.predicateItem(this.nested(() => this.or()));
    this.filterDepth--;
    this.expect(')');
    return { kind: 'filter', condition };
  }

  private member(): PathStep {
    if (this.take('*')) return { kind: 'anyKey' };
    if (this.take('**')) return this.anyDepth();
    const { kind, text } = this.current;
    if (kind !== 'name' && kind !== 'keyword' && kind !== 'string') throw this.unexpected();
    const name = kind === 'keyword' ? this.current.source : text;
    this.at++;
    if (kind !== 'keyword' || !methods.has(text) || !this.isSymbol('('))
      return { kind: 'key', name };
    this.at++;
    const hasTemplate = text === 'datetime' && this.current.kind === 'string';
    const template = hasTemplate ? this.string() : undefined;
    this.expect(')');
    return { kind: 'method', method: text as PathMethod, template };
  }

  private anyDepth(): PathStep {
    if (!this.take('{')) return { kind: 'anyDepth', depths: { from: 0, to: Infinity } };
    const from = this.level();
    let to = from;
    if (this.isKeyword('to')) {
      this.at++;
      to = this.level();
    }
    this.expect('}');
    return { kind: 'anyDepth', depths: { from, to } };
  }

  private level(): number {
    const { kind, text } = this.current;
    if (kind === 'integer') {
      this.at++;
      return Number(text);
    }
    this.expectKeyword('last');
    return Infinity;
  }

  private subscripts(): PathStep {
    if (this.take('*')) {
      this.expect(']');
      return { kind: 'anyElement' };
    }
    const subscripts: { from: PathItem; to: PathItem | undefined }[] = [];
    this.subscriptDepth++;
    do {
      const from = this.valueItem(this.nested(() => this.sum()));
      let to: PathItem | undefined;
      if (this.isKeyword('to')) {
        this.at++;
        to = this.valueItem(this.nested(() => this.sum()));
      }
      subscripts.push({ from, to });
    } while (this.take(','));
    this.subscriptDepth--;
    this.expect(']');
    return { kind: 'elements', subscripts };
  }
}

function regexFlags(letters: string): LikeRegexFlags {
  for (const letter of letters) {
    if ('ismxq'.includes(letter)) continue;
    throw databaseError('syntaxError', 'invalid input syntax for type jsonpath', {
      detail: `Unrecognized flag character "${letter}" in LIKE_REGEX predicate.`,
    });
  }
  const flags = {
    ignoreCase: letters.includes('i'),
    dotAll: letters.includes('s'),
    multiline: letters.includes('m'),
    expanded: letters.includes('x'),
    literal: letters.includes('q'),
  };
  if (flags.expanded && !flags.literal) {
    throw databaseError(
      'featureNotSupported',
      'XQuery "x" flag (expanded regular expressions) is not implemented',
    );
  }
  return flags;
}
