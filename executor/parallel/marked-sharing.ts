// What a thread asks of its run about the rows of a shared table that are handed out by their mark.

import type { MarkedSharing } from '../compile/marked-rows.ts';
import type { Runtime } from '../runtime.ts';

/** `marked`: the line of the rows that mark others; `rows`: the line that the table's rows are. */
export function markedSharing(
  runtime: Runtime,
  { marked, rows }: { readonly marked: number; readonly rows: number },
): MarkedSharing {
  return {
    isComplete: () => {
      const { exchange, shares } = runtime.context.parallel!;
      if (!shares![marked].hasArrived) {
        // Nobody is through with the table's rows yet, so who has stored rows of the first line is counted in the second.
        if (shares![marked].hasEntered) shares![rows].enter();
        exchange!.arrive(marked);
      }
      const isOver = (): boolean => exchange!.isComplete(marked);
      if (!isOver()) exchange!.wait(isOver);
      return isOver();
    },
    takePart: (position, partCount) =>
      runtime.context.parallel!.shares![rows].at(position, partCount),
  };
}
