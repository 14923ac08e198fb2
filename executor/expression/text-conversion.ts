// Values as text, where the executor shows them: error details.

import { type Datum, typeOutput } from '#common';
import type { FunctionContext } from '#functions';

export function valueText(value: Datum, typeOid: number, context: FunctionContext): string {
  return typeOutput(typeOid)(value, context);
}
