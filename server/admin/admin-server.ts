// The admin HTTP server: /health (the process lives), /ready (it accepts statements), /metrics
// (Prometheus). Anything else is 404; only GET and HEAD are answered.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

export interface AdminSources {
  readonly registry: Registry;
  /** undefined when ready, otherwise why not. */
  notReady(): string | undefined;
}

/** Starts listening; resolves with the bound address. */
export async function startAdminServer(
  address: { readonly host: string; readonly port: number },
  sources: AdminSources,
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    void answer(request, response, sources);
  });
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, resolve);
  });
  const bound = server.address();
  return { server, port: typeof bound === 'object' && bound !== null ? bound.port : address.port };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  sources: AdminSources,
): Promise<void> {
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      send(response, 405, 'method not allowed\n');
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path === '/health') send(response, 200, 'ok\n');
    else if (path === '/ready') {
      const reason = sources.notReady();
      send(response, reason === undefined ? 200 : 503, `${reason ?? 'ready'}\n`);
    } else if (path === '/metrics') {
      const body = await sources.registry.metrics();
      response.setHeader('content-type', sources.registry.contentType);
      send(response, 200, body);
    } else send(response, 404, 'not found: /health, /ready and /metrics are here\n');
  } catch (error) {
    send(response, 500, `${(error as Error).message}\n`);
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  if (response.headersSent) return;
  response.statusCode = status;
  if (!response.hasHeader('content-type'))
    response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.end(body);
}
