// DPccp (Moerkotte, Neumann 2006): calls back for every pair of connected, disjoint, neighbouring sets of
// relations, each pair once, and smaller sets before those that contain them. Their number is that of the
// joins a dynamic program has to look at: few for chains, 3^n for cliques, so there is a limit.

/** False when there were more than `pairsMax` pairs. */
export function forEachConnectedPair(
  neighbours: readonly number[],
  pairsMax: number,
  visit: (first: number, second: number) => void,
): boolean {
  const enumeration = new Enumeration(neighbours, pairsMax, visit);
  for (let at = neighbours.length - 1; at >= 0; at--) {
    const start = 1 << at;
    enumeration.pairsOf(start);
    enumeration.growSet(start, upTo(at));
    if (enumeration.pairsLeft < 0) return false;
  }
  return true;
}

/** All relations up to this one. */
function upTo(at: number): number {
  return 2 ** (at + 1) - 1;
}

class Enumeration {
  pairsLeft: number;
  private readonly neighbours: readonly number[];
  private readonly visit: (first: number, second: number) => void;

  constructor(
    neighbours: readonly number[],
    pairsMax: number,
    visit: (first: number, second: number) => void,
  ) {
    this.neighbours = neighbours;
    this.pairsLeft = pairsMax;
    this.visit = visit;
  }

  /** Connected supersets of a connected set, without what is excluded. */
  growSet(set: number, excluded: number): void {
    const around = this.around(set) & ~excluded;
    for (
      let part = around & -around;
      part !== 0 && this.pairsLeft >= 0;
      part = (part - around) & around
    )
      this.pairsOf(set | part);
    for (
      let part = around & -around;
      part !== 0 && this.pairsLeft >= 0;
      part = (part - around) & around
    )
      this.growSet(set | part, excluded | around);
  }

  /** Connected sets beside a set, of relations after its first one. */
  pairsOf(set: number): void {
    const first = 31 - Math.clz32(set & -set);
    const excluded = set | upTo(first);
    const around = this.around(set) & ~excluded;
    for (let rest = around; rest !== 0 && this.pairsLeft >= 0;) {
      const at = 31 - Math.clz32(rest);
      const start = 1 << at;
      rest &= ~start;
      this.emit(set, start);
      this.growPartner(set, start, excluded | (upTo(at) & around));
    }
  }

  private growPartner(set: number, partner: number, excluded: number): void {
    const around = this.around(partner) & ~excluded & ~set;
    for (
      let part = around & -around;
      part !== 0 && this.pairsLeft >= 0;
      part = (part - around) & around
    )
      this.emit(set, partner | part);
    for (
      let part = around & -around;
      part !== 0 && this.pairsLeft >= 0;
      part = (part - around) & around
    )
      this.growPartner(set, partner | part, excluded | around);
  }

  private emit(first: number, second: number): void {
    this.pairsLeft--;
    this.visit(first, second);
  }

  private around(set: number): number {
    let around = 0;
    for (let rest = set; rest !== 0; rest &= rest - 1)
      around |= this.neighbours[31 - Math.clz32(rest & -rest)];
    return around & ~set;
  }
}
