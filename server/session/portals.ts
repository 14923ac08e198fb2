// The portals that a session's Bind messages have made, by name. They live until their transaction ends, or the part
// of it that made them is rolled back. The one without a name, which most clients use for everything, is not in the map.

import type { Portal } from './portal.ts';

export class Portals {
  private unnamed: Portal | undefined;
  private readonly byName = new Map<string, Portal>();
  private made = 0;

  get isEmpty(): boolean {
    return this.unnamed === undefined && this.byName.size === 0;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  get(name: string): Portal | undefined {
    return name === '' ? this.unnamed : this.byName.get(name);
  }

  /** In the place of one of the same name. */
  add(portal: Portal): void {
    const { name } = portal;
    this.get(name)?.close();
    portal.ordinal = this.made++;
    if (name === '') this.unnamed = portal;
    else this.byName.set(name, portal);
  }

  close(name: string): void {
    this.get(name)?.close();
    if (name === '') this.unnamed = undefined;
    else this.byName.delete(name);
  }

  /** A savepoint's mark. */
  mark(): number {
    return this.made;
  }

  rollbackTo(mark: number): void {
    for (const { name, ordinal } of this.all()) if (ordinal >= mark) this.close(name);
  }

  closeAll(): void {
    this.unnamed?.close();
    this.unnamed = undefined;
    if (this.byName.size === 0) return;
    for (const portal of this.byName.values()) portal.close();
    this.byName.clear();
  }

  private all(): Portal[] {
    const named = [...this.byName.values()];
    return this.unnamed === undefined ? named : [...named, this.unnamed];
  }
}
