// Code that turns a key value into the number that stands for it (key-pool.ts).

import { type SqlType, TypeOid } from '#common';
import { type CompiledValue, datumCode, wholeNumberTypes } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { KeyPool } from './key-pool.ts';

export interface KeyComponent {
  /** A number; NaN (which equals nothing) where a look-up finds that no row can match. */
  readonly code: string;
  readonly isNull: string | undefined;
}

/**
 * `adds`: unknown values enter the pool (build sides, groups); otherwise they are only looked up.
 * `exact`: the value must be seen again as it was, display scale included (groups).
 */
export function keyComponent(
  compiler: ExpressionCompiler,
  value: CompiledValue,
  pool: KeyPool,
  options: { readonly adds: boolean; readonly exact: boolean },
): KeyComponent | undefined {
  const { writer } = compiler;
  const { isNull } = value;
  const { typeOid } = pool;
  // To ask for the code of a text is to make a string of it.
  const isText = value.kind === 'datum' && value.joined !== undefined;
  if (value.kind === 'datum' && !isText && value.code === 'null')
    return { code: '0', isNull: 'true' };
  if (value.kind === 'boolean') return { code: `(${value.code} ? 1 : 0)`, isNull };
  if (typeOid === TypeOid.bool) {
    const datum = datumCode(value, typeOid, writer);
    return { code: writer.declare(`${datum} === true ? 1 : 0`, 'q'), isNull };
  }
  if (wholeNumberTypes.has(typeOid)) {
    if (value.kind === 'integer') return { code: value.code, isNull };
    return viaPool(compiler, value, pool, options.adds ? 'addWide' : 'findWide');
  }
  if (typeOid === TypeOid.numeric) {
    const plain = value.kind === 'integer' && value.display === undefined;
    if (options.exact && !plain && pool.scale === undefined) pool.byIdentity = true;
    if (plain && !pool.byIdentity) pool.scale ??= value.scale;
    if (plain && value.scale === pool.scale) return { code: value.code, isNull };
    if (options.exact && !pool.byIdentity) return undefined;
    if (!options.exact)
      return viaPool(compiler, value, pool, options.adds ? 'addNumeric' : 'findNumeric');
    if (value.kind !== 'dictionary')
      return viaPool(compiler, value, pool, options.adds ? 'addShown' : 'findShown');
  }
  if (value.kind !== 'dictionary')
    return viaPool(compiler, value, pool, options.adds ? 'add' : 'find');
  const { resolve } = value;
  const bound = writer.bindObject(pool);
  const map = writer.bind((frame) => pool.mapOf(resolve(frame), options.adds));
  const entry = writer.fresh('q');
  writer.line(`let ${entry} = ${map}[${value.code}];`);
  const fill = options.adds ? 'fillAdding' : 'fillFinding';
  const unknown = options.adds ? `!(${entry} > 0)` : `!(${entry} > 0 || ${entry} < 0)`;
  // The code of a null is none: its dictionary may have no entry at all.
  const condition = isNull === undefined ? unknown : `!(${isNull}) && ${unknown}`;
  writer.line(
    `if (${condition}) ${entry} = ${bound}.${fill}(${map}, ${value.dictionary}, ${value.code});`,
  );
  return { code: writer.declare(`${entry} - 1`, 'q'), isNull };
}

function viaPool(
  compiler: ExpressionCompiler,
  value: CompiledValue,
  pool: KeyPool,
  method: `${'add' | 'find'}${'' | 'Shown' | 'Wide' | 'Numeric'}`,
): KeyComponent {
  const { writer } = compiler;
  const { isNull } = value;
  const bound = writer.bindObject(pool);
  if (value.kind === 'datum' && value.wide !== undefined && method.endsWith('Wide')) {
    const call = `${bound}.${method === 'addWide' ? 'addHalves' : 'findHalves'}(${value.wide()})`;
    return { code: writer.declare(`${isNull} ? 0 : ${call}`, 'q'), isNull };
  }
  if (value.kind === 'datum' && value.joined !== undefined && pool.takesBytes) {
    const call = `${bound}.${method === 'add' ? 'addText' : 'findText'}(${value.joined()})`;
    return { code: writer.declare(`${isNull} ? 0 : ${call}`, 'q'), isNull };
  }
  const datum = datumCode({ ...value, isNull: undefined } as CompiledValue, pool.typeOid, writer);
  const call = `${bound}.${method}(${datum})`;
  const text = isNull === undefined ? call : `${isNull} ? 0 : ${call}`;
  return { code: writer.declare(text, 'q'), isNull };
}

/** Types of which all equal values look the same, so that any of them may stand for the others. */
const plainTypes: ReadonlySet<number> = new Set([
  ...wholeNumberTypes,
  TypeOid.bool,
  TypeOid.numeric,
  TypeOid.text,
  TypeOid.varchar,
  TypeOid.name,
  TypeOid.char,
  TypeOid.uuid,
  TypeOid.bytea,
]);

/** char(n) is padded to n, so values of one n are equal only when they are the same. */
export function isPlainKey(type: SqlType): boolean {
  return plainTypes.has(type.oid) || (type.oid === TypeOid.bpchar && type.typmod !== -1);
}

/** Does the hash of a component need the bits above the lowest 32? */
export function isLongKey(typeOid: number): boolean {
  return (
    typeOid === TypeOid.int8 ||
    typeOid === TypeOid.timestamp ||
    typeOid === TypeOid.timestamptz ||
    typeOid === TypeOid.time ||
    typeOid === TypeOid.numeric
  );
}
