// Operator classes of all index methods: which types a method indexes, and under which names
// (pg_opclass). What a class computes is elsewhere: orders in ordering.ts, keys of inverted indexes in
// inverted-keys/.

import { contribFacts } from './facts/contrib.ts';
import { indexClassesText } from './facts/generated/index-classes.ts';
import { orderedAs } from './ordering.ts';

export type IndexMethod = 'btree' | 'hash' | 'gist' | 'spgist' | 'gin' | 'brin';

export interface IndexClass {
  readonly method: IndexMethod;
  readonly oid: number;
  readonly name: string;
  readonly inputType: number;
  readonly isDefault: boolean;
  /** The contrib module that brings it. */
  readonly module?: string;
}

let classes: readonly IndexClass[] | undefined;

function indexClasses(): readonly IndexClass[] {
  return (classes ??= [
    ...indexClassesText.split('\n').map((line) => {
      const [method, oid, name, inputType, isDefault] = line.split('\t');
      return {
        method: method as IndexMethod,
        oid: Number(oid),
        name,
        inputType: Number(inputType),
        isDefault: isDefault !== 'f',
      };
    }),
    ...contribFacts().classes.map((each) => ({ ...each, method: each.method as IndexMethod })),
  ]);
}

/** The class of a type that names none; undefined: the method does not index it. */
export function defaultIndexClass(method: string, type: number): IndexClass | undefined {
  return acceptedBy(
    indexClasses().filter((each) => each.method === method && each.isDefault),
    type,
  );
}

/** Of inverted indexes whose terms are the values. */
export const scalarClassName = 'scalar_ops';

/** The name of the class that an index column has. */
export function indexClassOf(
  method: string,
  name: string | undefined,
  type: number,
): string | undefined {
  if (name !== undefined) return name;
  const usual = defaultIndexClass(method, type);
  // An inverted index over scalars is there only with btree_gin.
  return usual?.name ?? (method === 'gin' ? scalarClassName : undefined);
}

/** 'absent': the method has no class of the name; 'mismatch': it is not for the type. */
export function namedIndexClass(
  method: string,
  name: string,
  type: number,
  hasModule: (module: string) => boolean,
): IndexClass | 'absent' | 'mismatch' {
  const named = indexClasses().filter(
    (each) =>
      each.method === method &&
      each.name === name &&
      (each.module === undefined || hasModule(each.module)),
  );
  if (named.length === 0) return 'absent';
  return acceptedBy(named, type) ?? 'mismatch';
}

/** The classes that a contrib module brings. */
export function classesOfModule(name: string): readonly IndexClass[] {
  return indexClasses().filter(({ module }) => module === name);
}

/** The contrib module that brings a class. */
export function moduleOfClass(oid: number): string | undefined {
  return indexClasses().find((each) => each.oid === oid)?.module;
}

/** The class for the type itself comes before the one for what it is stored as. */
function acceptedBy(candidates: readonly IndexClass[], type: number): IndexClass | undefined {
  const own = candidates.find(({ inputType }) => inputType === type);
  if (own !== undefined) return own;
  const stored = orderedAs(type);
  return candidates.find(({ inputType }) => inputType === stored);
}
