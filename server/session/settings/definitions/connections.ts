// Who is connected, how connections are kept, and how passwords are.

import { choice, int4Max, integer, settingsOf, text } from '../definition.ts';

export const connections = settingsOf('Connections and Authentication', [
  text('application_name', '', 'Sets the application name to be reported in statistics and logs.', {
    reported: true,
  }),
  text('session_authorization', 'postgres', 'Sets the session user name.', {
    reported: true,
  }),
  text('role', 'none', 'Sets the current role.'),
  integer(
    'max_connections',
    1000,
    [1, 262143],
    'Sets the maximum number of concurrent connections.',
    { startOnly: true },
  ),
  integer(
    'superuser_reserved_connections',
    3,
    [0, 262143],
    'Sets the number of connection slots reserved for superusers.',
    { startOnly: true },
  ),
  text('listen_addresses', 'localhost', 'Sets the host name or IP address(es) to listen to.', {
    startOnly: true,
  }),
  integer('port', 5433, [1, 65535], 'Sets the TCP port the server listens on.', {
    startOnly: true,
  }),
  integer('tcp_keepalives_idle', 0, [0, int4Max], 'Time between issuing TCP keepalives.', {
    unit: 's',
  }),
  integer('tcp_keepalives_interval', 0, [0, int4Max], 'Time between TCP keepalive retransmits.', {
    unit: 's',
  }),
  integer('tcp_keepalives_count', 0, [0, int4Max], 'Maximum number of TCP keepalive retransmits.'),
  integer('tcp_user_timeout', 0, [0, int4Max], 'TCP user timeout.', { unit: 'ms' }),
  integer(
    'client_connection_check_interval',
    0,
    [0, int4Max],
    'Sets the time interval between checks for disconnection while running queries.',
    { unit: 'ms' },
  ),
  choice(
    'password_encryption',
    'scram-sha-256',
    ['scram-sha-256'],
    'Chooses the algorithm for encrypting passwords.',
  ),
]);
