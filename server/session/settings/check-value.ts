// What a value given for a parameter must be, and its canonical text. 22023 for what it cannot be.

import { databaseError } from '#common';
import { normalizeDateStyle, normalizeEncoding, normalizeTimeZone } from './canonical-text.ts';
import type { SettingDefinition } from './definition.ts';
import type { Settings } from './settings.ts';
import { kilobytesOf, memoryUnits, timeUnits } from './units.ts';

/** The canonical value, or 22023. */
export function checkValue(
  definition: SettingDefinition,
  value: string,
  settings: Settings,
): string {
  switch (definition.type) {
    case 'bool': {
      const parsed = parseBoolean(value);
      if (parsed === undefined) {
        throw databaseError(
          'invalidParameterValue',
          `parameter "${definition.name}" requires a Boolean value`,
        );
      }
      if (parsed && definition.choices?.includes('on') === false) {
        throw databaseError('featureNotSupported', 'tables declared WITH OIDS are not supported');
      }
      return parsed ? 'on' : 'off';
    }
    case 'integer':
    case 'real':
      return checkNumber(definition, value);
    case 'enum': {
      const lower = value.toLowerCase();
      const choice = definition.choices!.find((candidate) => candidate === lower);
      if (choice !== undefined) return choice;
      const on = parseBoolean(value);
      const asWord = on === undefined ? undefined : on ? 'on' : 'off';
      if (asWord !== undefined && definition.choices!.includes(asWord)) return asWord;
      throw invalid(definition, value, `Available values: ${definition.choices!.join(', ')}.`);
    }
    case 'string':
      return checkText(definition, value, settings);
  }
}

function checkText(definition: SettingDefinition, value: string, settings: Settings): string {
  switch (definition.name) {
    case 'DateStyle': {
      const style = normalizeDateStyle(value, settings.require('datestyle'));
      if (style === undefined) throw invalid(definition, value);
      return style;
    }
    case 'TimeZone': {
      const zone = normalizeTimeZone(value);
      if (zone === undefined) throw invalid(definition, value);
      return zone;
    }
    case 'client_encoding': {
      const encoding = normalizeEncoding(value);
      if (encoding === undefined) throw invalid(definition, value);
      return encoding;
    }
    default:
      return value;
  }
}

function checkNumber(definition: SettingDefinition, value: string): string {
  const match =
    /^\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|0[xX][0-9a-fA-F]+)\s*([A-Za-z]*)\s*$/.exec(
      value,
    );
  if (match === null) throw invalid(definition, value);
  let number = Number(match[1]);
  if (match[2] !== '') number *= unitFactor(definition, match[2], value);
  if (definition.type === 'integer') number = Math.round(number);
  if (number < definition.min! || number > definition.max!) {
    const unit = definition.unit === undefined ? '' : ` ${definition.unit}`;
    throw databaseError(
      'invalidParameterValue',
      `${number}${unit} is outside the valid range for parameter "${definition.name}" (${definition.min} .. ${definition.max})`,
    );
  }
  return String(number);
}

function unitFactor(definition: SettingDefinition, unit: string, value: string): number {
  const isTime = definition.unit === 'ms' || definition.unit === 's';
  const table = isTime ? timeUnits : memoryUnits;
  if (definition.unit === undefined || !Object.hasOwn(table, unit)) {
    const names = isTime
      ? '"us", "ms", "s", "min", "h", and "d"'
      : '"B", "kB", "MB", "GB", and "TB"';
    throw invalid(
      definition,
      value,
      definition.unit === undefined ? undefined : `Valid units for this parameter are ${names}.`,
    );
  }
  const base = isTime ? timeUnits[definition.unit] : kilobytesOf(definition);
  return table[unit] / base;
}

function invalid(definition: SettingDefinition, value: string, hint?: string): Error {
  const fields = hint === undefined ? {} : { hint };
  return databaseError(
    'invalidParameterValue',
    `invalid value for parameter "${definition.name}": "${value}"`,
    fields,
  );
}

/** PostgreSQL's parse_bool: unique prefixes of true, false, yes, no; on, off; 1, 0. */
export function parseBoolean(value: string): boolean | undefined {
  const lower = value.trim().toLowerCase();
  if (lower === '') return undefined;
  if ('true'.startsWith(lower) || 'yes'.startsWith(lower) || lower === 'on' || lower === '1')
    return true;
  if (
    'false'.startsWith(lower) ||
    'no'.startsWith(lower) ||
    lower === 'off' ||
    lower === 'of' ||
    lower === '0'
  )
    return false;
  return undefined;
}
