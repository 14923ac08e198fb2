// The public face of executor: import it as #executor, never by a path into the folder.
export * from "./contract.ts";
