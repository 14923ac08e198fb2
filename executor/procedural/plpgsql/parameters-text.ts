// "parameters: p1='1', p2=null", the detail of a STRICT query's failure under print_strict_params.

import type { Frame } from './frame.ts';
import { valueText } from '../../expression/text-conversion.ts';

/** The function's parameters as they are now; undefined when it has none. */
export function parametersText(frame: Frame): string | undefined {
  const texts = frame.compiled.arguments.map(({ name, index }) => {
    const value = frame.values[index];
    if (value === null) return `${name}=NULL`;
    const text = valueText(value, frame.types[index].oid, frame.host.functions);
    return `${name}='${text.replaceAll("'", "''")}'`;
  });
  return texts.length === 0 ? undefined : `parameters: ${texts.join(', ')}`;
}
