// CREATE of the kinds of object that share one parse node, by kind.

import type { DefineStmt } from '@pgsql/types';
import { notSupported } from '#common';
import { createAggregate } from './aggregates.ts';
import { createCollation } from './collations.ts';
import { commandTag } from './command-tag.ts';
import { createOperator } from './entries/operators.ts';
import {
  createConfiguration,
  createDictionary,
  createParser,
  createTemplate,
} from './entries/text-search-objects.ts';
import type { DdlStatement } from './statement.ts';

type Definer = (ddl: DdlStatement, statement: DefineStmt) => string;

const definers: Readonly<Record<string, Definer>> = {
  OBJECT_AGGREGATE: createAggregate,
  OBJECT_COLLATION: createCollation,
  OBJECT_OPERATOR: createOperator,
  OBJECT_TSPARSER: createParser,
  OBJECT_TSTEMPLATE: createTemplate,
  OBJECT_TSDICTIONARY: createDictionary,
  OBJECT_TSCONFIGURATION: createConfiguration,
};

export function define(ddl: DdlStatement, statement: DefineStmt): string {
  const kind = statement.kind ?? '';
  if (Object.hasOwn(definers, kind)) return definers[kind](ddl, statement);
  throw notSupported(`statement ${commandTag({ DefineStmt: statement })}`);
}
