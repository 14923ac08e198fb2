// The command line's entry point: ./lattice runs this file.

import { ConfigurationError } from './config/configuration.ts';
import { parseCommandLine, usage, type Command } from './command-line.ts';
import { serverVersion } from './session/settings/definitions/preset.ts';

/** Exit statuses: 0 clean, 1 failed, 2 wrong usage or configuration. */
async function main(): Promise<void> {
  let command: Command;
  try {
    command = parseCommandLine(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`lattice: ${error.message}\n`);
    process.exit(2);
  }
  if (command.kind === 'help') {
    process.stdout.write(`${usage}\n`);
    return;
  }
  if (command.kind === 'version') {
    process.stdout.write(`latticedb, PostgreSQL protocol of ${serverVersion}\n`);
    return;
  }
  // Only now: what --help and wrong usage say needs none of it.
  const { startServer } = await import('./server.ts');
  const server = await startServer(command.configuration);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`lattice: shutdown failed: ${(error as Error).message}\n`);
        process.exit(1);
      },
    );
  };
  // A promise that nobody waits for is a defect of ours; it must not end the sessions of others.
  process.on('unhandledRejection', (reason) => {
    server.logger.error({ error: reason }, 'internal error: unhandled rejection');
  });
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`ready postgres://${server.address} admin http://${server.adminAddress}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`lattice: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
