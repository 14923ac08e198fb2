// The public face of common: import it as #common, never by a path into the folder.
export * from "./errors.ts";
export * from "./datum.ts";
export * from "./batch.ts";
export * from "./types.ts";
export * from "./expression.ts";
export * from "./schema.ts";
export * from "./byte-writer.ts";
export * from "./format-settings.ts";
export * from "./numeric.ts";
export * from "./decimal-integer.ts";
export * from "./type-registry.ts";
export * from "./limits.ts";
export * from "./clock.ts";
export * from "./random.ts";
export * from "./text-order.ts";
export * from "./jsonb.ts";
export * from "./json-text.ts";
