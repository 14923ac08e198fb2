// The tree of a jsonpath (SQL:2016's path language). An item may carry the accessors that follow it.

import type { Numeric } from '../numeric.ts';

export interface JsonPath {
  readonly strict: boolean;
  readonly root: PathItem;
}

export type ComparisonOperator = '==' | '!=' | '<' | '>' | '<=' | '>=';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type PathMethod =
  | 'abs'
  | 'size'
  | 'type'
  | 'floor'
  | 'double'
  | 'ceiling'
  | 'keyvalue'
  | 'datetime';

export interface LikeRegexFlags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiline: boolean;
  readonly expanded: boolean;
  readonly literal: boolean;
}

/** One end of the depths of `**`; Infinity is "last". */
export interface PathDepths {
  readonly from: number;
  readonly to: number;
}

export type PathStep =
  | { readonly kind: 'root' | 'current' | 'last' }
  | { readonly kind: 'literal'; readonly value: null | boolean | string | Numeric }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'and' | 'or'; readonly left: PathItem; readonly right: PathItem }
  | { readonly kind: 'not' | 'isUnknown' | 'exists'; readonly argument: PathItem }
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: PathItem;
      readonly right: PathItem;
    }
  | { readonly kind: 'startsWith'; readonly left: PathItem; readonly right: PathItem }
  | {
      readonly kind: 'likeRegex';
      readonly argument: PathItem;
      readonly pattern: string;
      readonly flags: LikeRegexFlags;
    }
  | {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: PathItem;
      readonly right: PathItem;
    }
  | { readonly kind: 'sign'; readonly operator: '+' | '-'; readonly argument: PathItem }
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'anyKey' | 'anyElement' }
  | { readonly kind: 'anyDepth'; readonly depths: PathDepths }
  | {
      readonly kind: 'elements';
      readonly subscripts: readonly {
        readonly from: PathItem;
        readonly to: PathItem | undefined;
      }[];
    }
  | { readonly kind: 'method'; readonly method: PathMethod; readonly template: string | undefined }
  | { readonly kind: 'filter'; readonly condition: PathItem };

/** A step and those that follow it. */
export interface PathItem {
  readonly step: PathStep;
  readonly next: PathItem | undefined;
}

/** The item with further steps behind its last one. */
export function withSteps(item: PathItem, steps: readonly PathStep[]): PathItem {
  if (steps.length === 0) return item;
  if (item.next !== undefined) return { step: item.step, next: withSteps(item.next, steps) };
  let next: PathItem | undefined;
  for (let i = steps.length - 1; i >= 0; i--) next = { step: steps[i], next };
  return { step: item.step, next };
}
