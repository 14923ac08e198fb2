// Types of $n (PostgreSQL's parse_param.c, variable parameters): a parameter of unknown type takes
// the type that its first use asks for; a use that asks for another type is 42P08; one whose type
// nothing decides is 42P18. Literals lifted out by the statement cache are parameters after the
// statement's own ones; the binder pins those whose value it has to read.

import {
  BuiltinOid,
  databaseError,
  notSupported,
  sqlType,
  typeByOid,
  TypeOid,
  type Datum,
  type Expression,
  type ParameterExpression,
  type SqlType,
} from '#common';
import { at } from '../errors.ts';
import type { BindContext, LiteralParameter } from './context.ts';
import { bindLimits } from './limits.ts';

export class Parameters {
  private readonly types: (SqlType | undefined)[];
  private readonly literals: readonly LiteralParameter[];
  private readonly firstLiteral: number;
  private readonly pinned = new Map<number, Datum>();
  private readonly allowed: boolean;
  private readonly typeName: (type: SqlType) => string;

  constructor(context: BindContext, typeName: (type: SqlType) => string) {
    this.types = [...(context.parameterTypes ?? [])].map((type) =>
      type === undefined || type.oid === TypeOid.unknown || type.oid === 0 ? undefined : type,
    );
    this.literals = context.literalParameters ?? [];
    this.firstLiteral = context.parameterTypes?.length ?? 0;
    for (const literal of this.literals) this.types.push(literalType(literal));
    this.allowed = context.allowParameters ?? true;
    this.typeName = typeName;
  }

  /** The literal that stands in the place of $number. */
  literal(number: number): LiteralParameter | undefined {
    return this.literals[number - 1 - this.firstLiteral];
  }

  /** The integer of a lifted literal, which decides something at bind time; undefined when it is none. */
  pinInteger(number: number): number | undefined {
    const literal = this.literal(number);
    if (literal?.kind !== 'integer') return undefined;
    this.reference(number, undefined);
    const value = Number(literal.text);
    this.pinned.set(number - 1, value);
    return value;
  }

  get pinnedParameters(): { readonly index: number; readonly value: Datum }[] {
    return [...this.pinned].map(([index, value]) => ({ index, value }));
  }

  reference(number: number, position: number | undefined): ParameterExpression {
    const literal = this.literal(number);
    if (
      literal === undefined &&
      (!this.allowed || number < 1 || number > bindLimits.parametersMax)
    ) {
      throw databaseError('undefinedParameter', `there is no parameter $${number}`, at(position));
    }
    const index = number - 1;
    while (this.types.length < number) this.types.push(undefined);
    const type = this.types[index] ?? sqlType(TypeOid.unknown);
    return position === undefined
      ? { kind: 'parameter', index, type }
      : { kind: 'parameter', index, type, position };
  }

  /** Decides the type of a parameter that was unknown where it was read. */
  decide(parameter: ParameterExpression, type: SqlType): Expression {
    const { index, position } = parameter;
    const known = this.types[index];
    if (this.literal(index + 1) !== undefined && asksCatalog(type.oid)) {
      // The caller binds the text with its literals in place then.
      throw notSupported('a literal of this type as a parameter');
    }
    if (known === undefined) {
      this.types[index] = sqlType(type.oid);
    } else if (known.oid !== type.oid) {
      throw databaseError(
        'ambiguousParameter',
        `inconsistent types deduced for parameter $${index + 1}`,
        {
          ...at(position),
          detail: `${this.typeName(known)} versus ${this.typeName(type)}`,
        },
      );
    }
    return { ...parameter, type: sqlType(type.oid) };
  }

  /** All types; 42P18 when one is still unknown. */
  finish(): SqlType[] {
    return this.types.map((type, index) => {
      if (type !== undefined) return type;
      throw databaseError(
        'indeterminateDatatype',
        `could not determine data type of parameter $${index + 1}`,
      );
    });
  }
}

/** Numbers have the type that they have in the text; strings take what their place asks for. */
function literalType(literal: LiteralParameter): SqlType | undefined {
  if (literal.kind === 'string') return undefined;
  if (literal.kind === 'decimal') return sqlType(TypeOid.numeric);
  // The caller falls back to the original text, whose literal the binder reads itself.
  if (!/^-?\d+$/.test(literal.text)) throw notSupported('a number of this form as a parameter');
  const value = BigInt(literal.text);
  if (BigInt.asIntN(32, value) === value) return sqlType(TypeOid.int4);
  return sqlType(BigInt.asIntN(64, value) === value ? TypeOid.int8 : TypeOid.numeric);
}

/** Types whose input asks the catalog, which whoever converts literals cannot. */
function asksCatalog(type: number): boolean {
  if (type < BuiltinOid.firstUserOid) return readFromCatalog.has(type);
  return typeByOid(type)?.kind !== 'enum';
}

const readFromCatalog = new Set<number>([
  TypeOid.regclass,
  TypeOid.regtype,
  TypeOid.regproc,
  TypeOid.regprocedure,
  TypeOid.regoper,
  TypeOid.regoperator,
  TypeOid.regrole,
  TypeOid.regnamespace,
  TypeOid.regconfig,
  TypeOid.regdictionary,
  TypeOid.regcollation,
]);
