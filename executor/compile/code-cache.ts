// Generated functions by their text, for all statements of a thread. A statement that comes again with
// other constants mostly leads to the same text, and finds a function that V8 has optimized already.
//
// Objects reach a function as arguments, so one function may work for many operators. It should see
// objects of one kind only (a loop over arrays of two types is slower for both), so the kinds are part
// of what it is found by.

import { codeFunctionsMax } from '../limits.ts';
import type { BlockFunction } from './code-writer.ts';

/** The least recently used one first. */
const functions = new Map<string, BlockFunction>();

export function functionOf(
  text: string,
  objects: readonly unknown[],
  count: number,
): BlockFunction {
  const key = `${kindsOf(objects, count)}\n${text}`;
  let found = functions.get(key);
  if (found === undefined) {
    // oxlint-disable-next-line typescript/no-implied-eval -- see code-writer.ts: nothing in it is a user's text
    found = new Function('B', 'from', 'to', 'S', text) as BlockFunction;
    if (functions.size >= codeFunctionsMax) functions.delete(functions.keys().next().value!);
  } else functions.delete(key);
  functions.set(key, found);
  return found;
}

function kindsOf(objects: readonly unknown[], count: number): string {
  const kinds: string[] = [];
  for (let i = 0; i < count; i++) kinds.push(kindOf(objects[i]));
  return kinds.join(' ');
}

function kindOf(object: unknown): string {
  // Code that has met a double computes in doubles from then on.
  if (typeof object === 'number') return Object.is(object | 0, object) ? 'small' : 'number';
  if (typeof object !== 'object' || object === null) return typeof object;
  return object.constructor.name;
}
