// The functions generated for one piece of a pipeline, one per combination of representations that its
// blocks have shown. Few are needed: shapes are widened as blocks come, so a new block mostly finds the
// function of the last one.

import type { Vector } from '#common';
import { functionOf } from './code-cache.ts';
import {
  type BlockFrame,
  type BlockFunction,
  CodeWriter,
  type GeneratedCode,
} from './code-writer.ts';
import type { ColumnBinding, ColumnBindings } from './column-bindings.ts';
import { ExpressionCompiler, type UsedConstant } from './expression-compiler.ts';
import type { PipelineState } from './pipeline-state.ts';
import { constantCovers } from './row-constants.ts';
import { type VectorShape, covers, shapeOf, widened } from './vector-shape.ts';

/** Functions kept; the one that has waited longest is dropped. */
const variantsMax = 12;

interface Variant {
  readonly shapes: readonly VectorShape[];
  readonly selected: boolean;
  readonly generation: number;
  readonly constants: readonly UsedConstant[];
  readonly assumptions: readonly (() => boolean)[];
  readonly code: GeneratedCode;
  /** Made when its objects are there for the first time. */
  run: BlockFunction | undefined;
}

export interface VariantOptions {
  /** Source columns that the code reads. */
  readonly ordinals: readonly number[];
  readonly width: number;
  readonly state: PipelineState;
  /** Of the objects that the code works on. */
  readonly generation: () => number;
  /** Writes what is done with a row; returns an expression for the function's result. */
  readonly write: (compiler: ExpressionCompiler, columns: ColumnBindings) => string;
}

export class VariantCache {
  private readonly options: VariantOptions;
  private variants: Variant[] = [];
  private readonly objects: unknown[] = [];

  constructor(options: VariantOptions) {
    this.options = options;
  }

  /** Before an execution: what depends on other constants or tables goes. */
  revalidate(): void {
    this.variants = this.variants.filter(
      ({ constants, assumptions }) =>
        assumptions.every((holds) => holds()) &&
        constants.every(({ constant, shape }) => isSame(constant, shape)),
    );
  }

  /** The function for a block, with the objects that it works on. */
  prepare(
    frame: BlockFrame,
    selected: boolean,
  ): (from: number, to: number, selection: Int32Array | undefined) => number {
    const variant = this.find(frame.vectors, selected);
    const { resolvers } = variant.code;
    const { objects } = this;
    return (from, to, selection) => {
      for (let i = 0; i < resolvers.length; i++) objects[i] = resolvers[i](frame);
      variant.run ??= this.functionOf(variant);
      return variant.run(objects, from, to, selection);
    };
  }

  private functionOf({ code }: Variant): BlockFunction {
    const start = performance.now();
    const found = functionOf(code.text, this.objects, code.resolvers.length);
    this.options.state.compiledFor(performance.now() - start);
    return found;
  }

  private find(vectors: readonly (Vector | undefined)[], selected: boolean): Variant {
    const generation = this.options.generation();
    for (const variant of this.variants) {
      if (variant.selected !== selected || variant.generation !== generation) continue;
      if (this.options.ordinals.every((ordinal, i) => covers(variant.shapes[i], vectors[ordinal])))
        return variant;
    }
    const variant = this.generate(vectors, selected);
    this.variants = [
      variant,
      ...this.variants.filter((older) => older.generation === variant.generation),
    ].slice(0, variantsMax);
    return variant;
  }

  private generate(vectors: readonly (Vector | undefined)[], selected: boolean): Variant {
    const start = performance.now();
    const { ordinals, width, state, write } = this.options;
    const shapes = ordinals.map((ordinal, i) => {
      const shape = shapeOf(vectors[ordinal]);
      // The newest of those covers the others.
      const older = this.variants.find((variant) => isAlike(variant.shapes[i], shape));
      return older === undefined ? shape : widened(shape, older.shapes[i]);
    });
    const writer = new CodeWriter();
    const compiler = new ExpressionCompiler(writer, state);
    const columns: (ColumnBinding | undefined)[] = new Array<undefined>(width).fill(undefined);
    ordinals.forEach((ordinal, i) => {
      columns[ordinal] = {
        kind: 'vector',
        shape: shapes[i],
        resolve: (frame) => frame.vectors[ordinal],
        place: 'r',
        mayMiss: false,
      };
    });
    writer.open(
      selected ? 'rows: for (let i = from; i < to; i++)' : 'rows: for (let r = from; r < to; r++)',
    );
    if (selected) writer.line('const r = S[i];');
    const result = write(compiler, columns);
    writer.close();
    const code = writer.finish(result);
    state.compiled(performance.now() - start);
    return {
      shapes,
      selected,
      generation: this.options.generation(),
      constants: compiler.usedConstants,
      assumptions: compiler.assumptions,
      code,
      run: undefined,
    };
  }
}

/** Do vectors of both run in the same code, bounds and nulls aside? */
function isAlike(one: VectorShape, other: VectorShape): boolean {
  if (one.kind === 'integer' && other.kind === 'integer')
    return one.scale === other.scale && one.narrow === other.narrow;
  if (one.kind === 'dictionary' && other.kind === 'dictionary') return one.width === other.width;
  if (one.kind === 'datum' && other.kind === 'datum') return one.joined === other.joined;
  return one.kind === other.kind;
}

function isSame(constant: UsedConstant['constant'], shape: UsedConstant['shape']): boolean {
  try {
    return constantCovers(shape, constant.shape());
  } catch {
    return false;
  }
}
