// Text columns whose blocks lie in one piece of memory, so that code looks at their bytes and makes no strings.

import { type DatumVector, type Expression, TypeOid } from '#common';
import type { CodeWriter, Resolve } from './code-writer.ts';
import type { ColumnBindings, VectorBinding } from './column-bindings.ts';

/** The binding of a column of type text or varchar that holds values as they are; undefined for all else. */
export function textColumn(
  argument: Expression,
  columns: ColumnBindings,
): { readonly binding: VectorBinding; readonly ordinal: number } | undefined {
  const input =
    argument.kind === 'cast' && argument.method === 'relabel' ? argument.argument : argument;
  if (input.kind !== 'input') return undefined;
  const { oid } = input.type;
  if (oid !== TypeOid.text && oid !== TypeOid.varchar) return undefined;
  const binding = columns[input.ordinal];
  if (binding?.kind === 'expression') return textColumn(binding.expression, binding.columns);
  if (binding?.kind !== 'vector' || binding.mayMiss || binding.shape.kind !== 'datum')
    return undefined;
  return { binding, ordinal: input.ordinal };
}

/** What stands for the texts of a block: `over` is called once a block. */
export function overTexts<Texts>(
  writer: CodeWriter,
  { resolve }: VectorBinding,
  over: (texts: NonNullable<DatumVector['texts']>) => Texts,
): string {
  const resolveTexts: Resolve = (frame) => over((resolve(frame) as DatumVector).texts!);
  return writer.bind(resolveTexts);
}

/** A name that is true where the column is null; undefined: it has no nulls. */
export function textNull(writer: CodeWriter, binding: VectorBinding): string | undefined {
  const { shape, place } = binding;
  if (shape.kind !== 'datum' || !shape.nulls) return undefined;
  const nulls = overTexts(
    writer,
    binding,
    (texts) => texts.nulls ?? new Uint8Array(texts.ends.length),
  );
  return writer.declare(`${nulls}[${place}] !== 0`);
}
