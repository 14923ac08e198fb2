// The syntax of libpq's connection strings, and the names that they may set (fe-connect.c).

import { databaseError, type DatabaseError } from '#common';

const keywords = new Set(
  (
    'service user password connect_timeout dbname host hostaddr port client_encoding options ' +
    'application_name fallback_application_name keepalives keepalives_idle keepalives_interval ' +
    'keepalives_count tcp_user_timeout sslmode sslcompression sslcert sslkey sslpassword sslrootcert ' +
    'sslcrl sslcrldir sslsni requirepeer ssl_min_protocol_version ssl_max_protocol_version gssencmode ' +
    'krbsrvname gsslib replication target_session_attrs passfile channel_binding'
  ).split(' '),
);

function invalid(why: string): DatabaseError {
  return databaseError('syntaxError', `invalid connection string syntax: ${why}\n`);
}

const pair = /\s*([^\s=]+)\s*(=)?\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)/y;

/** 42601. A URI is taken as it is. */
export function checkConnectionString(text: string): void {
  if (/^postgres(ql)?:\/\//.test(text)) return;
  pair.lastIndex = 0;
  while (pair.lastIndex < text.trimEnd().length) {
    const match = pair.exec(text);
    if (match === null) throw invalid('unterminated quoted string in connection info string');
    const [, name, sign] = match;
    if (sign === undefined) throw invalid(`missing "=" after "${name}" in connection info string`);
    if (!keywords.has(name)) throw invalid(`invalid connection option "${name}"`);
  }
}
