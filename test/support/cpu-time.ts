/**
 * What a piece of work costs in processor time: a machine that is busy with something else adds nothing to it.
 */

export interface Costed<T> {
  readonly value: T;
  /** Of all threads of this process, in milliseconds. */
  readonly cpuMs: number;
}

export async function cpuOf<T>(work: () => Promise<T> | T): Promise<Costed<T>> {
  const before = process.cpuUsage();
  const value = await work();
  const { system, user } = process.cpuUsage(before);
  return { value, cpuMs: (system + user) / 1000 };
}

/** For work of many small pieces: the most that was worked between two turns of a timer, so in one piece at most. */
export async function longestPieceOf<T>(work: () => Promise<T>): Promise<Costed<T>> {
  let longest = 0;
  let before = process.cpuUsage();
  const look = () => {
    const { system, user } = process.cpuUsage(before);
    longest = Math.max(longest, (system + user) / 1000);
    before = process.cpuUsage();
  };
  const looks = setInterval(look, 5);
  try {
    const value = await work();
    look();
    return { value, cpuMs: longest };
  } finally {
    clearInterval(looks);
  }
}
