/**
 * Both ends of a process of our own that does one piece of work after another, so that it has a core for itself.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

type Answer<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly message: string };

export interface Worker<Message, Result> {
  readonly pid: number;
  /** One message at a time; an Error when the work fails. */
  readonly ask: (message: Message) => Promise<Result>;
  readonly stop: () => void;
}

/**
 * @param script calls `answerMessages`
 * @param name for the messages of errors
 */
export async function startWorker<Message extends object, Result>(
  script: URL,
  name: string,
): Promise<Worker<Message, Result>> {
  // Detached: Ctrl-C reaches us alone. The channel between us is what ends it should we be gone.
  const child = fork(fileURLToPath(script), { execArgv: ['--import', 'tsx'], detached: true });
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  return {
    pid: child.pid ?? 0, // known from `spawn` on
    ask: (message) =>
      new Promise((resolve, reject) => {
        const onExit = () => reject(new Error(`the process of ${name} has ended`));
        child.once('exit', onExit);
        child.once('message', (answer: Answer<Result>) => {
          child.off('exit', onExit);
          if (answer.ok) resolve(answer.result);
          else reject(new Error(`${name}: ${answer.message}`));
        });
        child.send({ ...message });
      }),
    stop: () => {
      if (child.connected) child.disconnect();
    },
  };
}

/** In the process itself, which ends with the one that started it. */
export function answerMessages<Message, Result>(handle: (message: Message) => Promise<Result>): void {
  const answer = (message: Answer<Result>): void => void process.send?.(message);
  process.on('message', (message: Message) => {
    handle(message).then(
      (result) => answer({ ok: true, result }),
      (cause: unknown) =>
        answer({ ok: false, message: cause instanceof Error ? cause.message : String(cause) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
