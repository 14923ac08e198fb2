// What a run-time parameter is, and how the tables of definitions/ write one down.

export type SettingType = 'bool' | 'integer' | 'real' | 'string' | 'enum';

export interface SettingDefinition {
  readonly name: string;
  readonly type: SettingType;
  readonly default: string;
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Unit of the number: ms, s, kB, 8kB, B … */
  readonly unit?: string;
  /** Sent to the client as ParameterStatus when it changes. */
  readonly reported?: boolean;
  /** Cannot be set by SET. */
  readonly internal?: boolean;
  /** Set at server start only (55P02). */
  readonly startOnly?: boolean;
  /** As pg_settings shows it. */
  readonly category: string;
  readonly description: string;
}

type Uncategorized = Omit<SettingDefinition, 'category'>;
type Traits = Pick<SettingDefinition, 'choices' | 'unit' | 'reported' | 'internal' | 'startOnly'>;

export const int4Max = 2147483647;

/** The parameters of one category. */
export function settingsOf(
  category: string,
  settings: readonly Uncategorized[],
): readonly SettingDefinition[] {
  return settings.map((setting) => ({ ...setting, category }));
}

export function flag(
  name: string,
  value: boolean,
  description: string,
  traits: Traits = {},
): Uncategorized {
  return { name, type: 'bool', default: value ? 'on' : 'off', description, ...traits };
}

export function integer(
  name: string,
  value: number,
  range: readonly [number, number],
  description: string,
  traits: Traits = {},
): Uncategorized {
  const [min, max] = range;
  return { name, type: 'integer', default: String(value), min, max, description, ...traits };
}

export function real(
  name: string,
  value: number,
  range: readonly [number, number],
  description: string,
  traits: Traits = {},
): Uncategorized {
  const [min, max] = range;
  return { name, type: 'real', default: String(value), min, max, description, ...traits };
}

export function text(
  name: string,
  value: string,
  description: string,
  traits: Traits = {},
): Uncategorized {
  return { name, type: 'string', default: value, description, ...traits };
}

export function choice(
  name: string,
  value: string,
  choices: readonly string[],
  description: string,
  traits: Traits = {},
): Uncategorized {
  return { name, type: 'enum', default: value, choices, description, ...traits };
}
