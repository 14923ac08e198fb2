// The public face of storage: import it as #storage, never by a path into the folder.
export * from "./contract.ts";
export type * from "./table/contract.ts";
export * from "./catalog/index.ts";
