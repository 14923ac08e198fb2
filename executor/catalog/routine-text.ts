// Routines as text: signatures for messages, pg_get_function_arguments() and its kin,
// pg_get_functiondef() (ruleutils.c).

import {
  quoteIdentifier,
  quoteLiteral,
  type RoutineDescriptor,
  type RoutineParameter,
} from '#common';
import { expressionText } from './expression-text.ts';
import type { CatalogNames } from './names.ts';
import { schemaName } from './routine-name.ts';

function typeText(names: CatalogNames, type: number): string {
  return names.plainTypeName(type) ?? '???';
}

const modeWords = {
  in: '',
  out: 'OUT ',
  inout: 'INOUT ',
  variadic: 'VARIADIC ',
  table: '',
} as const;

export function parameterText(
  names: CatalogNames,
  routine: RoutineDescriptor,
  parameter: RoutineParameter,
  withDefault: boolean,
): string {
  const isShown = routine.routineKind === 'procedure' && parameter.mode === 'in';
  const mode = isShown ? 'IN ' : modeWords[parameter.mode];
  const name = parameter.name === '' ? '' : `${quoteIdentifier(parameter.name)} `;
  const value =
    withDefault && parameter.default !== undefined
      ? ` DEFAULT ${expressionText(names, parameter.default.sql)}`
      : '';
  return `${mode}${name}${typeText(names, parameter.type)}${value}`;
}

/** pg_get_function_arguments(); the identity leaves out defaults. */
export function argumentsText(
  names: CatalogNames,
  routine: RoutineDescriptor,
  options: { readonly identity: boolean },
): string {
  const texts = routine.parameters
    .filter(({ mode }) => mode !== 'table')
    .map((parameter) => parameterText(names, routine, parameter, !options.identity));
  return argumentList(texts, routine.aggregate);
}

/** Of an ordered-set aggregate, direct arguments and sorted ones; one VARIADIC may be both. */
export function argumentList(
  texts: readonly string[],
  aggregate:
    | { readonly aggregateKind: string | undefined; readonly directArgumentCount: number }
    | undefined,
): string {
  const kind = aggregate?.aggregateKind ?? 'normal';
  if (aggregate === undefined || kind === 'normal') return texts.join(', ');
  const { directArgumentCount: direct } = aggregate;
  const sorted = direct < texts.length ? texts.slice(direct) : texts.slice(-1);
  return `${texts.slice(0, direct).join(', ')} ORDER BY ${sorted.join(', ')}`.trimStart();
}

/** pg_get_function_result(); null for procedures. */
export function resultText(names: CatalogNames, routine: RoutineDescriptor): string | null {
  if (routine.routineKind === 'procedure') return null;
  const table = routine.parameters.filter(({ mode }) => mode === 'table');
  if (table.length > 0) {
    const columns = table.map((parameter) => parameterText(names, routine, parameter, false));
    return `TABLE(${columns.join(', ')})`;
  }
  const type = typeText(names, routine.resultType);
  return routine.returnsSet ? `SETOF ${type}` : type;
}

/** pg_get_functiondef(). */
export function routineDefinition(names: CatalogNames, routine: RoutineDescriptor): string {
  const isProcedure = routine.routineKind === 'procedure';
  const noun = isProcedure ? 'PROCEDURE' : 'FUNCTION';
  const qualified = `${schemaName(names, routine)}.${quoteIdentifier(routine.name)}`;
  const lines = [
    `CREATE OR REPLACE ${noun} ${qualified}(${argumentsText(names, routine, { identity: false })})`,
  ];
  if (!isProcedure) lines.push(` RETURNS ${resultText(names, routine)}`);
  lines.push(` LANGUAGE ${quoteIdentifier(routine.language)}`);
  const attributes = attributeWords(routine);
  if (attributes !== '') lines.push(attributes);
  for (const [name, value] of Object.entries(routine.settings ?? {}))
    lines.push(` SET ${name} TO ${settingText(name, value)}`);
  if (routine.standardBody !== undefined) lines.push(routine.standardBody);
  else lines.push(`AS ${dollarQuoted(routine)}`);
  return `${lines.join('\n')}\n`;
}

/** Settings whose values are lists of names. */
const listSettings = new Set([
  'search_path',
  'temp_tablespaces',
  'datestyle',
  'local_preload_libraries',
]);

function settingText(name: string, value: string): string {
  if (!listSettings.has(name.toLowerCase())) return quoteLiteral(value);
  return value
    .split(/\s*,\s*/)
    .map((each) => quoteLiteral(each.replace(/^"(.*)"$/s, '$1').replaceAll('""', '"')))
    .join(', ');
}

function attributeWords(routine: RoutineDescriptor): string {
  const words: string[] = [];
  if (routine.routineKind === 'function') {
    if (routine.volatility !== 'volatile') words.push(routine.volatility.toUpperCase());
    if (routine.strict) words.push('STRICT');
    if (routine.leakproof) words.push('LEAKPROOF');
  }
  const security = routine.securityDefiner ? ['SECURITY DEFINER'] : [];
  const parallel =
    routine.parallel === 'unsafe' ? [] : [`PARALLEL ${routine.parallel.toUpperCase()}`];
  const all = [...words.slice(0, 1), ...parallel, ...words.slice(1), ...security];
  const estimates: string[] = [];
  if (routine.cost !== 100) estimates.push(`COST ${exponent(routine.cost)}`);
  if (routine.returnsSet && routine.rows !== 1000 && routine.rows > 0)
    estimates.push(`ROWS ${exponent(routine.rows)}`);
  const line = [...all, ...estimates].join(' ');
  return line === '' ? '' : ` ${line}`;
}

/** As C's %g has it: an exponent of two digits. */
function exponent(value: number): string {
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

function dollarQuoted(routine: RoutineDescriptor): string {
  const word = routine.routineKind === 'procedure' ? 'procedure' : 'function';
  let tag = word;
  while (routine.body.includes(`$${tag}$`)) tag += 'x';
  return `$${tag}$${routine.body}$${tag}$`;
}

/** The default of the n-th input parameter, from 1 (pg_get_function_arg_default()). */
export function argumentDefault(
  names: CatalogNames,
  routine: RoutineDescriptor,
  ordinal: number,
): string | null {
  const parameter = routine.parameters[ordinal - 1];
  return parameter?.default === undefined ? null : expressionText(names, parameter.default.sql);
}

/** information_schema's specific_name. */
export function specificName(routine: RoutineDescriptor): string {
  return `${routine.name}_${routine.oid}`;
}
