/**
 * What a run of the suite counts: faults injected, and what went wrong. Its end is one table and an exit code.
 */

/** So many of each kind are told in full; a broken exporter would fill the screen. */
const MOST_TOLD = 20;

export class Ledger {
  readonly #faults = new Map<string, number>();
  readonly #notes: string[] = [];
  readonly #troubles = { wrong: [] as string[], late: [] as string[], leaked: [] as string[] };
  readonly #ratios: string[] = [];
  #answers = 0;

  injected(fault: string, times = 1): void {
    if (times === 0) return;
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + times);
  }

  answered(times = 1): void {
    this.#answers += times;
  }

  wrong(what: string): void {
    this.#troubles.wrong.push(`${clock()} ${what}`);
  }

  late(what: string): void {
    this.#troubles.late.push(`${clock()} ${what}`);
  }

  leaked(what: string): void {
    this.#troubles.leaked.push(what);
  }

  /** A figure worth showing. */
  note(line: string): void {
    this.#notes.push(line);
  }

  /** How much slower something is beside a fault than without it, and how much slower it may be. */
  ratio(of: string, ratio: number, most: number): void {
    this.#ratios.push(`${of}: ratio ${ratio.toFixed(2)}, at most ${most}`);
  }

  get troubles(): readonly string[] {
    return Object.entries(this.#troubles).flatMap(([kind, all]) => [
      ...all.slice(0, MOST_TOLD).map((what) => `${kind}: ${what}`),
      ...(all.length > MOST_TOLD ? [`${kind}: ${all.length - MOST_TOLD} more`] : []),
    ]);
  }

  get summary(): string {
    const total = [...this.#faults.values()].reduce((sum, times) => sum + times, 0);
    const faults = [...this.#faults].map(([fault, times]) => `  ${String(times).padStart(7)}  ${fault}`);
    const { late, leaked, wrong } = this.#troubles;
    return [
      ...this.#notes,
      ...this.troubles,
      `faults injected: ${total}`,
      ...faults,
      `answers: ${this.#answers}`,
      `answers wrong: ${wrong.length}`,
      `answers late: ${late.length}`,
      `resources leaked: ${leaked.length}`,
      ...this.#ratios,
      '',
    ].join('\n');
  }
}

/** To find the moment in the exporter's log and in what else went wrong then. */
export const clock = (now = new Date()) => now.toISOString().slice(11, 23);
