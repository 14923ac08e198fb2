// Operator classes of all index methods: which types a method indexes, and under which names
// (pg_opclass). What a class computes is elsewhere: orders in ordering.ts, keys of inverted indexes in
// inverted-keys/.

import { indexClassesText } from './facts/generated/index-classes.ts';
import { orderedAs } from './ordering.ts';

export type IndexMethod = 'btree' | 'hash' | 'gist' | 'spgist' | 'gin' | 'brin';

export interface IndexClass {
  readonly method: IndexMethod;
  readonly oid: number;
  readonly name: string;
  readonly inputType: number;
  readonly isDefault: boolean;
}

let classes: readonly IndexClass[] | undefined;

function indexClasses(): readonly IndexClass[] {
  return (classes ??= indexClassesText.split('\n').map((line) => {
    const [method, oid, name, inputType, isDefault] = line.split('\t');
    return {
      method: method as IndexMethod,
      oid: Number(oid),
      name,
      inputType: Number(inputType),
      isDefault: isDefault !== 'f',
    };
  }));
}

/** The class of a type that names none; undefined: the method does not index it. */
export function defaultIndexClass(method: string, type: number): IndexClass | undefined {
  return acceptedBy(
    indexClasses().filter((each) => each.method === method && each.isDefault),
    type,
  );
}

/** The name of the class that an index column has. */
export function indexClassOf(
  method: string,
  name: string | undefined,
  type: number,
): string | undefined {
  return name ?? defaultIndexClass(method, type)?.name;
}

/** 'absent': the method has no class of the name; 'mismatch': it is not for the type. */
export function namedIndexClass(
  method: string,
  name: string,
  type: number,
): IndexClass | 'absent' | 'mismatch' {
  const named = indexClasses().filter((each) => each.method === method && each.name === name);
  if (named.length === 0) return 'absent';
  return acceptedBy(named, type) ?? 'mismatch';
}

/** The class for the type itself comes before the one for what it is stored as. */
function acceptedBy(candidates: readonly IndexClass[], type: number): IndexClass | undefined {
  const own = candidates.find(({ inputType }) => inputType === type);
  if (own !== undefined) return own;
  const stored = orderedAs(type);
  return candidates.find(({ inputType }) => inputType === stored);
}
