// What the parts of the compiler share: the function's variables, the names in sight, and expressions
// over them. A statement becomes a closure; generators appear only where a statement may take turns.

import type { CompiledFunction } from './compiled-function.ts';
import {
  DatabaseError,
  databaseError,
  type Datum,
  sqlType,
  type SqlType,
  typeDisplayName,
  TypeOid,
} from '#common';
import {
  bindTypeText,
  columnType,
  type PlSql,
  type PlStatement,
  type PlTarget,
  isCollatable,
  relationRowType,
  resolveCollation,
  underCollation,
  withCollation,
} from '#planner';
import type { ProceduralHost, Work } from '../host.ts';
import { InnerExpression } from '../inner-expression.ts';
import { InnerStatement } from '../inner-statement.ts';
import type { CompiledStatement } from './compiled-function.ts';
import { lineError } from './context.ts';

import type { Frame } from './frame.ts';
import { type FoundVariable, Names, type VariableInfo } from './names.ts';

export type Evaluate = (frame: Frame) => Datum;

export interface PlExpression {
  readonly text: string;
  evaluate(frame: Frame): Datum;
  /** The same in steps; undefined: evaluate() is soon done, or nobody may have a turn. */
  inTurns(frame: Frame): Work<Datum> | undefined;
  /** After evaluate() or inTurns(). */
  type(frame: Frame): SqlType;
}

/** The entry of the recursive grammar, so that its files need not import each other. */
export interface StatementCompiler {
  statement(statement: PlStatement, compiler: Compiler): CompiledStatement;
}

export class Compiler {
  readonly grammar: StatementCompiler;
  readonly host: ProceduralHost;
  readonly variables: VariableInfo[] = [];
  names: Names;
  readonly kind: CompiledFunction['kind'];
  readonly returnsSet: boolean;
  readonly resultType: SqlType;
  readonly inputCollation: number | undefined;
  outputs: readonly VariableInfo[] = [];
  foundIndex = 0;

  constructor(
    host: ProceduralHost,
    options: {
      readonly kind: Compiler['kind'];
      readonly returnsSet: boolean;
      readonly resultType: SqlType;
      readonly inputCollation: number | undefined;
      readonly label: string;
      readonly grammar: StatementCompiler;
    },
  ) {
    this.grammar = options.grammar;
    this.host = host;
    this.kind = options.kind;
    this.returnsSet = options.returnsSet;
    this.resultType = options.resultType;
    this.inputCollation = options.inputCollation;
    this.names = new Names(undefined, options.label);
  }

  declare(
    name: string,
    type: SqlType,
    options: Partial<Pick<VariableInfo, 'constant' | 'notNull' | 'cursor'>> = {},
  ): VariableInfo {
    const variable: VariableInfo = {
      index: this.variables.length,
      name,
      type,
      isRow: type.oid === TypeOid.record || this.isComposite(type.oid),
      constant: options.constant ?? false,
      notNull: options.notNull ?? false,
      ...(options.cursor === undefined ? {} : { cursor: options.cursor }),
    };
    this.variables.push(variable);
    return variable;
  }

  private isComposite(oid: number): boolean {
    return this.host.bindContext().catalog.rowType(oid) !== undefined;
  }

  /** Declares it in the current names. 42601 when the name is taken. */
  add(name: string, variable: VariableInfo): void {
    if (this.names.add(name, variable)) return;
    throw databaseError('syntaxError', `duplicate declaration at or near "${name}"`);
  }

  within<Result>(names: Names, run: () => Result): Result {
    const outer = this.names;
    this.names = names;
    try {
      return run();
    } finally {
      this.names = outer;
    }
  }

  /** A type as a declaration writes it. */
  type(text: string): SqlType {
    const context = this.host.bindContext();
    const copied = /^(.*?)\s*%\s*(type|rowtype)$/is.exec(text.trim());
    if (copied === null) {
      return /^record$/i.test(text.trim())
        ? sqlType(TypeOid.record)
        : underCollation(bindTypeText(text, context), this.inputCollation);
    }
    const parts = splitParts(copied[1]);
    if (copied[2].toLowerCase() === 'rowtype') return relationRowType(parts, context);
    const found = this.names.find(parts);
    if (found !== undefined && found.rest.length === 0) return found.variable.type;
    if (parts.length === 1) {
      throw databaseError('syntaxError', `invalid type name "${text}"`);
    }
    return columnType(parts, context);
  }

  /** The same with a COLLATE clause. 42804, 42704 */
  typeWithCollation(text: string, collation: string | undefined): SqlType {
    const type = this.type(text);
    if (collation === undefined) return type;
    const context = this.host.bindContext();
    const { searchPath } = context;
    const { oid } = resolveCollation(splitParts(collation), { context, searchPath }, undefined);
    if (isCollatable(type)) return withCollation(type, oid);
    const name = typeDisplayName(type.oid) ?? text.trim();
    throw databaseError('datatypeMismatch', `collations are not supported by type ${name}`);
  }

  expression(sql: PlSql): PlExpression {
    const inner = parsed(sql.offset - 'SELECT '.length, () => new InnerExpression(sql.text));
    const { names } = this;
    return {
      text: sql.text,
      evaluate(frame) {
        frame.names = names;
        return inner.evaluate(frame);
      },
      inTurns(frame) {
        frame.names = names;
        return inner.inTurns(frame);
      },
      type(frame) {
        frame.names = names;
        return inner.type(frame);
      },
    };
  }

  /** An expression converted to a type. */
  converted(sql: PlSql, type: SqlType): Evaluate {
    const expression = this.expression(sql);
    return (frame) => frame.casts.convert(expression.evaluate(frame), expression.type(frame), type);
  }

  condition(sql: PlSql): (frame: Frame) => boolean {
    const evaluate = this.converted(sql, sqlType(TypeOid.bool));
    return (frame) => evaluate(frame) === true;
  }

  /** A comma-separated list of expressions. */
  statement(sql: PlSql): InnerStatement {
    return parsed(sql.offset, () => InnerStatement.parse(sql.text));
  }

  /** A variable, with the field of it that is meant. 42601. */
  target(target: PlTarget): FoundVariable {
    const found = this.names.find(target.names);
    const isKnown =
      found !== undefined &&
      (found.rest.length === 0 || (found.rest.length === 1 && found.variable.isRow));
    if (!isKnown) {
      throw databaseError('syntaxError', `"${target.names.join('.')}" is not a known variable`, {
        position: target.offset,
      });
    }
    if (found.variable.constant) {
      throw databaseError(
        'errorInAssignment',
        `variable "${found.variable.name}" is declared CONSTANT`,
      );
    }
    return found;
  }

  /** Runs the compilation of one statement, whose errors are told with its line. */
  at<Result>(line: number, run: () => Result): Result {
    return lineError(line, run);
  }
}

/** A syntax error in a piece of SQL has its position in the body. */
function parsed<Result>(offset: number, parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DatabaseError && error.position !== undefined) error.position += offset;
    throw error;
  }
}

/** a.b."c d" */
export function splitParts(text: string): string[] {
  return [...text.matchAll(/"((?:[^"]|"")+)"|([^\s."]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain.toLowerCase(),
  );
}
