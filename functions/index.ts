// The public face of functions: import it as #functions, never by a path into the folder.
export * from "./contract.ts";
