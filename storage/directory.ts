// The data directory: its format version, and the lock that keeps a second server out.
//
//   DIRECTORY/FORMAT        "latticedb 1\n"
//   DIRECTORY/server.lock   a Unix socket on which the owner listens
//   DIRECTORY/server.pid    who that is, for the message
//   DIRECTORY/log/          commit log segments
//   DIRECTORY/pages/        LMDB
//
// The lock is a socket that someone listens on: it ends with the process however that ends (kill -9,
// power), names no process id that could be reused, and is seen across containers that share the
// directory. A socket file without a listener is stale, and is moved aside before a new one is bound.

import * as fs from 'node:fs';
import * as net from 'node:net';
import { join } from 'node:path';

import { directoryInUse, wrongFormat } from './errors.ts';

const formatVersion = 'latticedb 1';

export interface DirectoryLock {
  release(): Promise<void>;
}

export function checkFormat(directory: string): void {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'FORMAT');
  if (!fs.existsSync(path)) {
    const descriptor = fs.openSync(path, 'w', 0o600);
    fs.writeSync(descriptor, `${formatVersion}\n`);
    fs.fsyncSync(descriptor);
    fs.closeSync(descriptor);
    return;
  }
  const found = fs.readFileSync(path, 'utf8').trim();
  if (found !== '' && found !== formatVersion) {
    throw wrongFormat(directory, `"${found}"`, `"${formatVersion}"`);
  }
}

/** Throws 55006 when another server has the directory. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const descriptor = fs.openSync(directory, 'r');
  // Socket paths are limited to about 100 bytes; this one is short whatever the directory is called.
  const isLinux = process.platform === 'linux';
  const base = isLinux ? `/proc/self/fd/${descriptor}` : directory;
  const lockPath = join(base, 'server.lock');
  const pidPath = join(directory, 'server.pid');
  try {
    let server = await listen(lockPath);
    if (server === undefined && !(await isListenedOn(lockPath))) {
      await moveStaleAside(lockPath);
      server = await listen(lockPath);
    }
    if (server === undefined) throw directoryInUse(directory, ownerOf(pidPath));
    const held = server;
    fs.writeFileSync(pidPath, `${process.pid}\n`);
    return {
      release: async () => {
        fs.rmSync(pidPath, { force: true });
        await new Promise<void>((resolve) => {
          held.close(() => resolve());
        });
        fs.closeSync(descriptor);
      },
    };
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

function ownerOf(pidPath: string): string {
  try {
    return ` (process ${fs.readFileSync(pidPath, 'utf8').trim()})`;
  } catch {
    return '';
  }
}

/** undefined: the path is taken. */
function listen(path: string): Promise<net.Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      socket.destroy();
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      resolve(server);
    });
  });
}

function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}

/** If another starter has just bound the path, what was moved is live: it is put back. */
async function moveStaleAside(path: string): Promise<void> {
  const aside = `${path}.stale-${process.pid}`;
  try {
    fs.renameSync(path, aside);
  } catch {
    return;
  }
  if (await isListenedOn(aside)) {
    fs.renameSync(aside, path);
    return;
  }
  fs.rmSync(aside, { force: true });
}
