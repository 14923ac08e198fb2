// ALTER DATABASE … SET and ALTER ROLE … SET: settings that new sessions begin with.

import type { VariableSetStmt } from '@pgsql/types';
import type { DdlStatement } from './statement.ts';
import { databaseError } from '#common';
import { bodyOf } from '#planner';

/** Those with a dot are whose they like. 42704. */
export function requireSetting(ddl: DdlStatement, { kind, name = '' }: VariableSetStmt): void {
  if (kind === 'VAR_RESET_ALL' || name.includes('.')) return;
  if (ddl.context.functions.setting(name.toLowerCase()) !== undefined) return;
  throw databaseError('undefinedObject', `unrecognized configuration parameter "${name}"`);
}

export function changedSettings(
  settings: Readonly<Record<string, string>> | undefined,
  change: VariableSetStmt,
): Readonly<Record<string, string>> {
  if (change.kind === 'VAR_RESET_ALL') return {};
  const name = (change.name ?? '').toLowerCase();
  const { [name]: _old, ...rest } = settings ?? {};
  if (change.kind === 'VAR_RESET' || change.kind === 'VAR_SET_DEFAULT') return rest;
  if (change.kind !== 'VAR_SET_VALUE') {
    throw databaseError('featureNotSupported', `SET ${name} FROM CURRENT is not supported here`);
  }
  return { ...rest, [name]: settingText(change) };
}

function settingText(change: VariableSetStmt): string {
  const parts = (change.args ?? []).map((node) => {
    const constant = bodyOf(node, 'A_Const') ?? bodyOf(bodyOf(node, 'TypeCast')?.arg, 'A_Const');
    if (constant?.sval !== undefined) return constant.sval.sval ?? '';
    if (constant?.fval !== undefined) return constant.fval.fval ?? '0';
    if (constant?.boolval !== undefined) return constant.boolval.boolval === true ? 'on' : 'off';
    return String(constant?.ival?.ival ?? 0);
  });
  return parts.join(', ');
}
