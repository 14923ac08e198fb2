/** A statement on an executor thread asked for something that only the main thread has: it goes back there. */
export class MainThreadNeeded extends Error {}
