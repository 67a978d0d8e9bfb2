/**
 * Time that passes when a test says so: `performance.now()` and the timers that are set meanwhile.
 *
 * For limits that are the subject of a test. By the real clock such a limit races with the work beside it, which a busy
 * machine slows down at will. Sockets, name servers and the timers of node:timers/promises go on as ever.
 */
import type { TestContext } from 'node:test';

export interface StoppedClock {
  /** Milliseconds since it was stopped. */
  readonly passed: number;
  /** How many timers are set. */
  readonly timers: number;
  /** Lets so many milliseconds pass at once; timers that are due fire in their order, each at its time. */
  forward(ms: number): void;
  /** Lets time pass as the event loop turns, however long that takes, until the work is done. */
  during<T>(work: Promise<T>): Promise<T>;
}

/** For some turns of the event loop, in which a server of the test answers. */
const STEP_MS = 10;

/** A test that waits for more time than it lets pass gets all of it after this long, and fails, and does not hang. */
const WATCHDOG_MS = 60_000;
const DAY_MS = 86_400_000;

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** Stops the clock until the test ends. To be called first, so that what is cleaned up at the end has real timers. */
export function stopClock(t: TestContext): StoppedClock {
  const began = Math.ceil(performance.now());
  let passed = 0;
  const timers = new Set<Timer>();
  const setTimer = (fire: () => void, ms = 0): Timer => {
    const timer = { at: passed + Math.max(1, ms), fire };
    timers.add(timer);
    return timer;
  };
  const { clearTimeout: clearReal, setTimeout: setReal } = globalThis;
  const clearTimer = (timer: Timer | NodeJS.Timeout | undefined) =>
    timer !== undefined && 'fire' in timer ? void timers.delete(timer) : clearReal(timer);
  const mocks = [
    t.mock.method(performance, 'now', () => began + passed),
    t.mock.method(globalThis, 'setTimeout', setTimer as unknown as typeof setTimeout),
    t.mock.method(globalThis, 'clearTimeout', clearTimer as unknown as typeof clearTimeout),
  ];
  let watchdog = setReal(bark, WATCHDOG_MS);
  function bark(): void {
    forward(DAY_MS);
    watchdog = setReal(bark, 1_000); // for timers that are set by what goes on now
  }
  t.after(() => {
    clearReal(watchdog);
    for (const { mock } of mocks) mock.restore();
    for (const { fire } of timers) fire(); // nobody shall wait for them in vain
  });
  const earliest = (): Timer | undefined =>
    [...timers].reduce<Timer | undefined>(
      (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
      undefined,
    );
  function forward(ms: number): void {
    const until = passed + ms;
    for (let timer = earliest(); timer !== undefined && timer.at <= until; timer = earliest()) {
      timers.delete(timer);
      passed = timer.at;
      timer.fire();
    }
    passed = until;
  }
  return {
    get passed() {
      return passed;
    },
    get timers() {
      return timers.size;
    },
    forward,
    async during(work) {
      let isOver = false;
      const over = () => {
        isOver = true;
      };
      work.then(over, over);
      for (await settle(); !isOver; await settle()) forward(STEP_MS);
      return await work;
    },
  };
}

/** Lets everything happen that needs no time: some turns of the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
