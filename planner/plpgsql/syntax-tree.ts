// The statements of PL/pgSQL (manual, chapter 43) as they are written: names are not looked up yet, and
// what is SQL is kept as text. Lines count from 1 at the beginning of the body, as in PostgreSQL's
// CONTEXT lines; offsets are into the body.

/** An expression or a query of SQL. */
export interface PlSql {
  readonly text: string;
  readonly offset: number;
}

/** A variable, or a field of one, that a statement writes to. */
export interface PlTarget {
  /** a, a.b, label.a.b */
  readonly names: readonly string[];
  readonly line: number;
  readonly offset: number;
}

/** INTO: one row variable or a list of scalars. */
export interface PlInto {
  readonly strict: boolean;
  readonly targets: readonly PlTarget[];
}

export type PlDeclaration =
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly line: number;
      readonly constant: boolean;
      /** As written, %TYPE and %ROWTYPE included. */
      readonly type: string;
      readonly collation: string | undefined;
      readonly notNull: boolean;
      readonly initial: PlSql | undefined;
    }
  | {
      readonly kind: 'alias';
      readonly name: string;
      readonly line: number;
      readonly target: readonly string[];
    }
  | {
      readonly kind: 'cursor';
      readonly name: string;
      readonly line: number;
      readonly scroll: boolean | undefined;
      readonly parameters: readonly { readonly name: string; readonly type: string }[];
      readonly query: PlSql;
    };

export interface PlHandler {
  readonly line: number;
  /** Names of conditions in lower case, or SQLSTATEs as sqlstate:xxxxx. */
  readonly conditions: readonly string[];
  readonly body: readonly PlStatement[];
}

export interface PlBlock {
  readonly kind: 'block';
  readonly line: number;
  readonly label: string | undefined;
  readonly declarations: readonly PlDeclaration[];
  readonly body: readonly PlStatement[];
  readonly handlers: readonly PlHandler[] | undefined;
}

export type PlLoopSource =
  | {
      readonly kind: 'integers';
      readonly variable: string;
      readonly reverse: boolean;
      readonly lower: PlSql;
      readonly upper: PlSql;
      readonly step: PlSql | undefined;
    }
  | { readonly kind: 'query'; readonly targets: readonly PlTarget[]; readonly query: PlSql }
  | {
      readonly kind: 'dynamic';
      readonly targets: readonly PlTarget[];
      readonly query: PlSql;
      readonly using: readonly PlSql[];
    }
  | {
      readonly kind: 'cursor';
      readonly target: PlTarget;
      readonly cursor: string;
      readonly arguments: PlSql | undefined;
    };

/** FETCH and MOVE. */
export interface PlDirection {
  readonly kind: 'forward' | 'backward' | 'absolute' | 'relative';
  /** An expression, a number, or all rows. */
  readonly count: PlSql | number | 'all';
}

export type PlStatement =
  | PlBlock
  | {
      readonly kind: 'assign';
      readonly line: number;
      readonly target: PlTarget;
      /** What follows the first subscript: "[1].a". */
      readonly indirection: string;
      readonly value: PlSql;
      /** The whole statement, for CONTEXT lines. */
      readonly text: string;
    }
  | {
      readonly kind: 'if';
      readonly line: number;
      readonly branches: readonly {
        readonly condition: PlSql;
        readonly body: readonly PlStatement[];
      }[];
      readonly otherwise: readonly PlStatement[];
    }
  | {
      readonly kind: 'case';
      readonly line: number;
      readonly operand: PlSql | undefined;
      readonly branches: readonly {
        readonly when: PlSql;
        readonly body: readonly PlStatement[];
      }[];
      /** undefined: no ELSE, so no match is an error. */
      readonly otherwise: readonly PlStatement[] | undefined;
    }
  | {
      readonly kind: 'loop';
      readonly line: number;
      readonly label: string | undefined;
      /** WHILE; undefined: without end. */
      readonly condition: PlSql | undefined;
      readonly body: readonly PlStatement[];
    }
  | {
      readonly kind: 'for';
      readonly line: number;
      readonly label: string | undefined;
      readonly source: PlLoopSource;
      readonly body: readonly PlStatement[];
    }
  | {
      readonly kind: 'foreach';
      readonly line: number;
      readonly label: string | undefined;
      readonly targets: readonly PlTarget[];
      readonly slice: number;
      readonly array: PlSql;
      readonly body: readonly PlStatement[];
    }
  | {
      readonly kind: 'exit' | 'continue';
      readonly line: number;
      readonly label: string | undefined;
      readonly condition: PlSql | undefined;
    }
  | { readonly kind: 'return'; readonly line: number; readonly value: PlSql | undefined }
  | { readonly kind: 'returnNext'; readonly line: number; readonly value: PlSql | undefined }
  | {
      readonly kind: 'returnQuery';
      readonly line: number;
      readonly query: PlSql;
      readonly isDynamic: boolean;
      readonly using: readonly PlSql[];
    }
  | PlRaise
  | {
      readonly kind: 'assert';
      readonly line: number;
      readonly condition: PlSql;
      readonly message: PlSql | undefined;
    }
  | { readonly kind: 'perform'; readonly line: number; readonly query: PlSql }
  /** CALL and DO. */
  | { readonly kind: 'call'; readonly line: number; readonly statement: PlSql }
  | {
      readonly kind: 'sql';
      readonly line: number;
      readonly statement: PlSql;
      readonly into: PlInto | undefined;
    }
  | {
      readonly kind: 'execute';
      readonly line: number;
      readonly query: PlSql;
      readonly into: PlInto | undefined;
      readonly using: readonly PlSql[];
    }
  | {
      readonly kind: 'open';
      readonly line: number;
      readonly cursor: PlTarget;
      readonly scroll: boolean | undefined;
      readonly query: PlSql | undefined;
      readonly isDynamic: boolean;
      readonly using: readonly PlSql[];
      readonly arguments: PlSql | undefined;
    }
  | {
      readonly kind: 'fetch';
      readonly line: number;
      readonly cursor: PlTarget;
      readonly direction: PlDirection;
      /** undefined: MOVE. */
      readonly into: PlInto | undefined;
    }
  | { readonly kind: 'close'; readonly line: number; readonly cursor: PlTarget }
  | {
      readonly kind: 'diagnostics';
      readonly line: number;
      readonly stacked: boolean;
      readonly items: readonly { readonly target: PlTarget; readonly item: string }[];
    }
  | {
      readonly kind: 'commit' | 'rollback';
      readonly line: number;
      readonly chain: boolean;
    }
  | { readonly kind: 'null'; readonly line: number };

export interface PlRaise {
  readonly kind: 'raise';
  readonly line: number;
  readonly level: 'debug' | 'log' | 'info' | 'notice' | 'warning' | 'exception';
  /** Neither: RAISE alone throws the error again that is being handled. */
  readonly condition: string | undefined;
  readonly message: string | undefined;
  readonly parameters: readonly PlSql[];
  readonly options: readonly { readonly name: string; readonly value: PlSql }[];
}

/** A function's body. */
export interface PlProgram {
  readonly block: PlBlock;
  /** #variable_conflict, when the body says it. */
  readonly variableConflict: 'error' | 'useVariable' | 'useColumn' | undefined;
  readonly printStrictParameters: boolean | undefined;
}
