/**
 * Work of some ten milliseconds, done in steps so that nobody waits for all of it.
 */

/** Each `yield` is a place to stop at. */
export type Steps<T> = Generator<undefined, T>;

/** So many bytes are looked at in one step: a millisecond, and ten where the code is not compiled yet. */
export const STEP = 4_096;

const waiting: (() => boolean)[] = [];

/** What has to be kept for work that is begun, or waits for others, takes megabytes. */
const MOST_WAITING = 4;

/** Whether no more is under way than can be kept. */
export const isRoomForMore = (): boolean => waiting.length < MOST_WAITING;

/** Does a step in each of the next turns of the event loop, after what has begun before; the result. */
export function inTurns<T>(steps: Steps<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    waiting.push(() => {
      try {
        const { done, value } = steps.next();
        if (done) resolve(value);
        return done === true;
      } catch (cause) {
        reject(cause);
        return true;
      }
    });
    if (waiting.length === 1) setImmediate(step);
  });
}

function step(): void {
  if (waiting[0]?.() === true) waiting.shift();
  if (waiting.length > 0) setImmediate(step);
}
