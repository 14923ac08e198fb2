// The configuration: its keys, their types, defaults and checks, in one table. A file is YAML; keys
// may be nested or dotted. An unknown key or a bad value is an error that names the line.

import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument, type Node } from 'yaml';

export interface Configuration {
  dataDirectory: string;
  listen: { host: string; port: number };
  admin: { host: string; port: number };
  tls: { certFile: string | undefined; keyFile: string | undefined };
  /** trust: no password; scram: SCRAM-SHA-256 for every connection. */
  auth: 'trust' | 'scram';
  /** Password of the bootstrap superuser, set when the data directory is created. */
  bootstrapPassword: string | undefined;
  connectionsMax: number;
  workMemBytes: number;
  memtableBytes: number;
  /** Bytes that all statements may hold together; 0: half of the machine's memory. */
  serverMemoryBytes: number;
  /** Of decoded column segments, all executor threads together; 0: an eighth of the machine's memory. */
  segmentCacheBytes: number;
  executorThreads: number;
  /** 0 to 19: how far short statements go before long reads when processors are scarce. */
  executorNiceness: number;
  /** How long the main thread looks for a lone client's next request before it sleeps; 0: not at all. */
  busyPollMicroseconds: number;
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** OTLP/HTTP endpoint for spans; absent: none are made. */
  tracesEndpoint: string | undefined;
  /** Defaults of session parameters, as SET would take them. */
  settings: Record<string, string>;
}

export function defaultConfiguration(): Configuration {
  return {
    dataDirectory: './lattice-data',
    listen: { host: '127.0.0.1', port: 5433 },
    admin: { host: '127.0.0.1', port: 8433 },
    tls: { certFile: undefined, keyFile: undefined },
    auth: 'trust',
    bootstrapPassword: undefined,
    connectionsMax: 1000,
    workMemBytes: 64 << 20,
    memtableBytes: 32 << 20,
    serverMemoryBytes: 0,
    segmentCacheBytes: 0,
    executorThreads: 0,
    executorNiceness: 10,
    busyPollMicroseconds: 200,
    logLevel: 'info',
    tracesEndpoint: undefined,
    settings: {},
  };
}

/** A problem with the command line or the configuration file; the message is for a person. */
export class ConfigurationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigurationError';
  }
}

type Apply = (configuration: Configuration, value: unknown) => string | undefined;

/** Returns what is wrong with the value, or sets it. */
const keys: Record<string, Apply> = {
  data: text((c, v) => (c.dataDirectory = v)),
  listen: address((c, v) => (c.listen = v)),
  admin: address((c, v) => (c.admin = v)),
  'tls.cert': text((c, v) => (c.tls.certFile = v)),
  'tls.key': text((c, v) => (c.tls.keyFile = v)),
  auth: choice(['trust', 'scram'], (c, v) => (c.auth = v)),
  bootstrap_password: text((c, v) => (c.bootstrapPassword = v)),
  max_connections: integer(1, 100_000, (c, v) => (c.connectionsMax = v)),
  work_mem: size(64 << 10, (c, v) => (c.workMemBytes = v)),
  memtable_size: size(1 << 20, (c, v) => (c.memtableBytes = v)),
  server_memory: size(16 << 20, (c, v) => (c.serverMemoryBytes = v)),
  segment_cache: size(64 << 10, (c, v) => (c.segmentCacheBytes = v)),
  executor_threads: integer(0, 256, (c, v) => (c.executorThreads = v)),
  executor_nice: integer(0, 19, (c, v) => (c.executorNiceness = v)),
  busy_poll_us: integer(0, 10_000, (c, v) => (c.busyPollMicroseconds = v)),
  log_level: choice(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    (c, v) => (c.logLevel = v),
  ),
  'traces.endpoint': text((c, v) => (c.tracesEndpoint = v)),
};

function text(set: (configuration: Configuration, value: string) => void): Apply {
  return (configuration, value) => {
    if (typeof value !== 'string' || value === '') return 'must be a text that is not empty';
    set(configuration, value);
    return undefined;
  };
}

function integer(
  min: number,
  max: number,
  set: (configuration: Configuration, value: number) => void,
): Apply {
  return (configuration, value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      return `must be a whole number from ${min} to ${max}`;
    }
    set(configuration, value);
    return undefined;
  };
}

function choice<const Choice extends string>(
  choices: readonly Choice[],
  set: (configuration: Configuration, value: Choice) => void,
): Apply {
  return (configuration, value) => {
    const found = choices.find((candidate) => candidate === value);
    if (found === undefined) return `must be one of ${choices.join(', ')}`;
    set(configuration, found);
    return undefined;
  };
}

const sizeUnits: Record<string, number> = { B: 1, kB: 1024, MB: 1 << 20, GB: 1 << 30 };

function size(min: number, set: (configuration: Configuration, value: number) => void): Apply {
  return (configuration, value) => {
    const match = typeof value === 'string' ? /^(\d+)\s*(B|kB|MB|GB)$/.exec(value) : null;
    const bytes = match === null ? undefined : Number(match[1]) * sizeUnits[match[2]];
    if (bytes === undefined || !Number.isSafeInteger(bytes) || bytes < min) {
      return `must be a size like 64MB (units B, kB, MB, GB), at least ${min} bytes`;
    }
    set(configuration, bytes);
    return undefined;
  };
}

function address(
  set: (configuration: Configuration, value: { host: string; port: number }) => void,
): Apply {
  return (configuration, value) => {
    const parsed = typeof value === 'string' ? parseAddress(value) : undefined;
    if (parsed === undefined) return 'must be HOST:PORT, for example 127.0.0.1:5433';
    set(configuration, parsed);
    return undefined;
  };
}

/** "host:port" or "[ipv6]:port". */
export function parseAddress(value: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(value);
  if (match === null) return undefined;
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { host: match[1] ?? match[2], port };
}

/** Reads a YAML file over the given configuration. Throws ConfigurationError naming file and line. */
export function applyConfigurationFile(configuration: Configuration, file: string): void {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigurationError(
      `cannot read the configuration file ${file}: ${(error as Error).message}`,
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const at = (node: Node | undefined | null): string =>
    `${file}:${lines.linePos(node?.range?.[0] ?? 0).line}`;
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new ConfigurationError(
      `${file}:${lines.linePos(problem.pos[0]).line}: ${problem.message}`,
    );
  }
  if (document.contents === null) return;
  applyMap(configuration, document.contents, '', at);
}

function applyMap(
  configuration: Configuration,
  node: Node,
  prefix: string,
  at: (node: Node | undefined | null) => string,
): void {
  if (!isMap(node)) throw new ConfigurationError(`${at(node)}: expected keys and values`);
  for (const pair of node.items) {
    const keyNode = pair.key as Node;
    const name = prefix + String(isScalar(keyNode) ? keyNode.value : keyNode);
    const valueNode = pair.value as Node | null;
    if (prefix === 'settings.') {
      configuration.settings[name.slice(prefix.length)] = String(
        isScalar(valueNode) ? valueNode.value : '',
      );
    } else if (isMap(valueNode)) {
      const known =
        name === 'settings' || Object.keys(keys).some((key) => key.startsWith(`${name}.`));
      if (!known)
        throw new ConfigurationError(`${at(keyNode)}: unknown key "${name}"${suggestion(name)}`);
      applyMap(configuration, valueNode, `${name}.`, at);
    } else {
      const apply = Object.hasOwn(keys, name) ? keys[name] : undefined;
      if (apply === undefined)
        throw new ConfigurationError(`${at(keyNode)}: unknown key "${name}"${suggestion(name)}`);
      const wrong = apply(configuration, isScalar(valueNode) ? valueNode.value : undefined);
      if (wrong !== undefined)
        throw new ConfigurationError(`${at(valueNode ?? keyNode)}: "${name}" ${wrong}`);
    }
  }
}

function suggestion(name: string): string {
  const near = Object.keys(keys).find(
    (key) => key.replace(/[._]/g, '') === name.toLowerCase().replace(/[-._]/g, ''),
  );
  return near === undefined
    ? `; known keys: ${Object.keys(keys).join(', ')}, settings`
    : `; did you mean "${near}"?`;
}

/** True for addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Checks what single keys cannot: TLS and passwords wherever others can connect. */
export function checkConfiguration(configuration: Configuration): void {
  const { tls, auth, listen, admin } = configuration;
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    throw new ConfigurationError('tls.cert and tls.key must be given together');
  }
  if (!isLoopback(listen.host) && (tls.certFile === undefined || auth !== 'scram')) {
    throw new ConfigurationError(
      `refusing to listen on ${listen.host} without TLS and passwords: set tls.cert, tls.key and auth: scram, or listen on 127.0.0.1`,
    );
  }
  if (
    !isLoopback(admin.host) &&
    admin.port !== 0 &&
    listen.host === admin.host &&
    listen.port === admin.port
  ) {
    throw new ConfigurationError('listen and admin must be different addresses');
  }
}
