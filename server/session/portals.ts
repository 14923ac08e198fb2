// The portals that a session's Bind messages have made, by name. They live until their transaction ends, or the part
// of it that made them is rolled back.

import type { Portal } from './portal.ts';

export class Portals {
  private readonly byName = new Map<string, Portal>();
  private made = 0;
  private readonly madeAs = new WeakMap<Portal, number>();

  get isEmpty(): boolean {
    return this.byName.size === 0;
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  get(name: string): Portal | undefined {
    return this.byName.get(name);
  }

  /** In the place of one of the same name. */
  add(portal: Portal): void {
    this.close(portal.name);
    this.byName.set(portal.name, portal);
    this.madeAs.set(portal, this.made++);
  }

  close(name: string): void {
    const portal = this.byName.get(name);
    if (portal === undefined) return;
    portal.close();
    this.byName.delete(name);
  }

  /** A savepoint's mark. */
  mark(): number {
    return this.made;
  }

  rollbackTo(mark: number): void {
    for (const [name, portal] of this.byName)
      if ((this.madeAs.get(portal) ?? 0) >= mark) this.close(name);
  }

  /** Those that are being read. */
  *active(): Iterable<Portal> {
    for (const portal of this.byName.values()) if (portal.state === 'active') yield portal;
  }

  closeAll(): void {
    for (const portal of this.byName.values()) portal.close();
    this.byName.clear();
  }
}
