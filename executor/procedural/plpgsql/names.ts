// Variables of a function and the names under which its parts see them: blocks nest, an inner name hides
// an outer one, and a label qualifies.

import { type Expression, type SqlType } from '#common';
import type { PlDeclaration } from '#planner';

export type CursorDeclaration = Extract<PlDeclaration, { readonly kind: 'cursor' }>;

export interface VariableInfo {
  /** Position among the function's values. */
  readonly index: number;
  readonly name: string;
  readonly type: SqlType;
  /** A row: record, or of a composite type. */
  readonly isRow: boolean;
  readonly constant: boolean;
  readonly notNull: boolean;
  /** The query of a bound cursor, and where its parameters are. */
  readonly cursor?: {
    readonly declaration: CursorDeclaration;
    readonly parameters: readonly VariableInfo[];
    readonly names: Names;
  };
  readonly default?: Expression;
}

export interface FoundVariable {
  readonly variable: VariableInfo;
  /** Parts of the name behind the variable's. */
  readonly rest: readonly string[];
}

export class Names {
  readonly label: string | undefined;
  readonly parent: Names | undefined;
  /** Loops have labels and no names. */
  readonly isLoop: boolean;
  private readonly variables = new Map<string, VariableInfo>();

  constructor(parent: Names | undefined, label: string | undefined, isLoop = false) {
    this.parent = parent;
    this.label = label;
    this.isLoop = isLoop;
  }

  /** False: the name is taken at this level. */
  add(name: string, variable: VariableInfo): boolean {
    if (this.variables.has(name)) return false;
    this.variables.set(name, variable);
    return true;
  }

  has(name: string): boolean {
    return this.variables.has(name);
  }

  find(names: readonly string[]): FoundVariable | undefined {
    for (const level of this.levels()) {
      const direct = level.variables.get(names[0]);
      if (direct !== undefined) return { variable: direct, rest: names.slice(1) };
      if (level.label !== names[0] || names.length < 2) continue;
      const qualified = level.variables.get(names[1]);
      if (qualified !== undefined) return { variable: qualified, rest: names.slice(2) };
    }
    return undefined;
  }

  hasLabel(label: string): boolean {
    for (const level of this.levels()) {
      if (level.label === label) return true;
    }
    return false;
  }

  findLabel(label: string): Names | undefined {
    for (const level of this.levels()) {
      if (level.label === label) return level;
    }
    return undefined;
  }

  /** From the inside out. */
  private *levels(): Iterable<Names> {
    yield this;
    if (this.parent !== undefined) yield* this.parent.levels();
  }
}
