// The command line: lattice start [--data DIR] [--listen HOST:PORT] [--admin HOST:PORT] [--config FILE].
// Flags win over the file.

import {
  applyConfigurationFile,
  checkConfiguration,
  ConfigurationError,
  defaultConfiguration,
  parseAddress,
  type Configuration,
} from './config/configuration.ts';

export const usage = `usage: lattice start [--data DIR] [--listen HOST:PORT] [--admin HOST:PORT] [--config FILE]

  --data DIR          data directory, made if it does not exist (default ./lattice-data)
  --listen HOST:PORT  where PostgreSQL clients connect (default 127.0.0.1:5433; port 0 picks a free one)
  --admin HOST:PORT   health and metrics over HTTP (default 127.0.0.1:8433)
  --config FILE       YAML configuration file; see docs/configuration.md
  --help, --version`;

export type Command =
  | { readonly kind: 'start'; readonly configuration: Configuration }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' };

/** Throws ConfigurationError with a message for the terminal. */
export function parseCommandLine(args: readonly string[]): Command {
  if (args.includes('--help') || args.length === 0) return { kind: 'help' };
  if (args.includes('--version')) return { kind: 'version' };
  if (args[0] !== 'start') throw new ConfigurationError(`unknown command "${args[0]}"\n${usage}`);
  const flags = readFlags(args.slice(1));
  const configuration = defaultConfiguration();
  const file = flags.get('--config');
  if (file !== undefined) applyConfigurationFile(configuration, file);
  const data = flags.get('--data');
  if (data !== undefined) configuration.dataDirectory = data;
  const listen = flags.get('--listen');
  if (listen !== undefined) configuration.listen = addressFlag('--listen', listen);
  const admin = flags.get('--admin');
  if (admin !== undefined) configuration.admin = addressFlag('--admin', admin);
  checkConfiguration(configuration);
  return { kind: 'start', configuration };
}

function readFlags(args: readonly string[]): Map<string, string> {
  const known = ['--data', '--listen', '--admin', '--config'];
  const flags = new Map<string, string>();
  for (let index = 0; index < args.length; index++) {
    const [name, inline] = splitFlag(args[index]);
    if (!known.includes(name)) throw new ConfigurationError(`unknown option "${name}"\n${usage}`);
    const value = inline ?? args[++index];
    if (value === undefined || value === '')
      throw new ConfigurationError(`option "${name}" needs a value`);
    flags.set(name, value);
  }
  return flags;
}

function splitFlag(argument: string): [string, string | undefined] {
  const equals = argument.indexOf('=');
  return equals < 0
    ? [argument, undefined]
    : [argument.slice(0, equals), argument.slice(equals + 1)];
}

function addressFlag(flag: string, value: string): { host: string; port: number } {
  const parsed = parseAddress(value);
  if (parsed === undefined) throw new ConfigurationError(`${flag} takes HOST:PORT, got "${value}"`);
  return parsed;
}
