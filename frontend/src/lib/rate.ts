/** How fast something goes, over the last seconds only: the start and pauses say nothing about the end. */

const WINDOW = 8_000; // milliseconds
const LEAST = 700;

export class Rate {
  private marks: { at: number; done: number }[] = [];

  /** Notes that so much is done at this time, in milliseconds. */
  note(done: number, at: number): void {
    this.marks.push({ at, done });
    while (this.marks.length > 2 && at - (this.marks[1]?.at ?? at) >= WINDOW) this.marks.shift();
  }

  /** As much in a second; null while it cannot be known. */
  get perSecond(): number | null {
    const [first, last] = [this.marks[0], this.marks.at(-1)];
    if (!first || !last || last.at - first.at < LEAST) return null;
    return Math.max(0, ((last.done - first.done) / (last.at - first.at)) * 1000);
  }

  forget(): void {
    this.marks = [];
  }
}
