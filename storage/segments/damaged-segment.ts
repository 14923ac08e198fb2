// What is thrown when a segment file does not have what it should have; its rows are in the row store.

export class DamagedSegment extends Error {
  readonly path: string;
  constructor(path: string, reason: string) {
    super(`segment file ${path} is damaged: ${reason}`);
    this.path = path;
  }
}
