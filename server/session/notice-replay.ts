// Notices of a statement that starts over: what has been sent is not sent again. The n-th notice of a
// run is taken to be the n-th of the next.

export class NoticeReplay {
  /** Notices met in this run of the statement. */
  seen = 0;
  private sent = 0;

  /** A new statement. */
  begin(): void {
    this.seen = 0;
    this.sent = 0;
  }

  /** True for a notice that is new. */
  isNew(): boolean {
    this.seen++;
    if (this.seen <= this.sent) return false;
    this.sent = this.seen;
    return true;
  }
}
