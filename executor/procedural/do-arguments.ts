// What a DO statement says: its language and its body.

import type { InnerStatement } from './inner-statement.ts';

export function doArguments(statement: InnerStatement): { language: string; body: string } {
  const node = statement.parsed.statement as {
    readonly DoStmt?: { readonly args?: readonly { readonly DefElem?: Argument }[] };
  };
  let language = 'plpgsql';
  let body = '';
  for (const { DefElem: element } of node.DoStmt?.args ?? []) {
    const text = element?.arg?.String?.sval ?? '';
    if (element?.defname === 'language') language = text;
    else if (element?.defname === 'as') body = text;
  }
  return { language, body };
}

interface Argument {
  readonly defname?: string;
  readonly arg?: { readonly String?: { readonly sval?: string } };
}
