// OpenTelemetry spans for a statement's stages: parse, bind, optimize, execute, commit. Made only when
// an endpoint is configured; otherwise `span` costs one comparison.

import { trace, type Span, type Tracer } from '@opentelemetry/api';

let tracer: Tracer | undefined;
let shutdown: (() => Promise<void>) | undefined;

/** Sends spans to an OTLP/HTTP endpoint, in batches. The exporter is loaded only here. */
export async function startTracing(endpoint: string): Promise<void> {
  const [
    { BasicTracerProvider, BatchSpanProcessor },
    { OTLPTraceExporter },
    { resourceFromAttributes },
  ] = await Promise.all([
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'latticedb' }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: endpoint }))],
  });
  trace.setGlobalTracerProvider(provider);
  tracer = provider.getTracer('latticedb');
  shutdown = () => provider.shutdown();
}

export async function stopTracing(): Promise<void> {
  await shutdown?.();
}

export type Stage = 'parse' | 'bind' | 'optimize' | 'execute' | 'commit';

export function startSpan(
  stage: Stage,
  attributes?: Record<string, string | number>,
): Span | undefined {
  if (tracer === undefined) return undefined;
  return attributes === undefined
    ? tracer.startSpan(stage)
    : tracer.startSpan(stage, { attributes });
}

/** Runs a synchronous stage under a span. */
export function traced<Result>(stage: Stage, run: () => Result): Result {
  if (tracer === undefined) return run();
  const span = tracer.startSpan(stage);
  try {
    return run();
  } catch (error) {
    span.recordException(error as Error);
    throw error;
  } finally {
    span.end();
  }
}
