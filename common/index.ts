// The public face of common: import it as #common, never by a path into the folder.
export * from "./errors.ts";
export * from "./datum.ts";
export * from "./batch.ts";
export * from "./types.ts";
export * from "./expression.ts";
export * from "./schema.ts";
export * from "./byte-writer.ts";
export * from "./format-settings.ts";
