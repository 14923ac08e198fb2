// Reading from many sockets into one buffer. Node gives every chunk that arrives a buffer of 64 KB, which
// costs about 1.2 of the 8 µs that a small request and its reply cost a bare server. With `onread` (an
// option of net.Socket, but not of the sockets that a net.Server accepts) the bytes land in a buffer that
// stays; what a connection has not handled when the next socket reads, it has copied.
//
// A socket that was accepted is therefore replaced by one with this option on the same handle. The handle
// is no public property: where it is not as expected, the socket stays as it is.

import { Socket, type SocketConstructorOpts } from 'node:net';

const inputBytes = 65536;
const input = Buffer.allocUnsafeSlow(inputBytes);

interface Handle {
  useUserBuffer?: unknown;
}

interface WithHandle {
  _handle?: Handle | null;
}

/**
 * Another socket on the same connection, whose input goes to `onInput`: the first `length` bytes, until it
 * returns. Listeners have to be added to it. undefined: this socket cannot be replaced, or not now.
 */
export function withSharedInput(
  socket: Socket,
  onInput: (input: Buffer, length: number) => void,
): Socket | undefined {
  if (socket.constructor !== Socket || socket.destroyed || socket.writableLength > 0)
    return undefined;
  const owner = socket as WithHandle;
  const handle = owner._handle;
  if (handle === null || handle === undefined || typeof handle.useUserBuffer !== 'function')
    return undefined;
  const replacement = new Socket({
    handle,
    onread: {
      buffer: input,
      callback: (length: number) => {
        onInput(input, length);
        return true;
      },
    },
  } as unknown as SocketConstructorOpts);
  owner._handle = null;
  socket.destroy();
  return replacement;
}
