// Sends the replies of one turn of the event loop together, at its end. Writing to a socket wakes the
// client, which costs far more than the copying; when the replies to all requests that arrived together
// are written together, one wake-up serves many. While only one client is active, its reply goes at once.

export interface Flushable {
  flush(): void;
}

let queue: Flushable[] = [];
let repliesThisTurn = 0;
let repliesLastTurn = 0;

export function flushSoon(output: Flushable): void {
  if (repliesThisTurn++ === 0) {
    setImmediate(endTurn);
    if (repliesLastTurn <= 1) {
      output.flush();
      return;
    }
  }
  queue.push(output);
}

function endTurn(): void {
  repliesLastTurn = repliesThisTurn;
  repliesThisTurn = 0;
  const outputs = queue;
  queue = [];
  for (let index = 0; index < outputs.length; index++) outputs[index].flush();
}
