// The public face of planner: import it as #planner, never by a path into the folder.
export * from "./catalog.ts";
export * from "./temporal.ts";
export * from "./logical-plan.ts";
export * from "./physical-plan.ts";
export * from "./parse/index.ts";
