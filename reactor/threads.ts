/** Worker threads that each serve the same port and answer questions of the thread that started them: its side. */
import { Worker } from "node:worker_threads";
import type { Answer, Notice, Question } from "./thread-answers.ts";

export interface Thread<Listening> {
  /** What the thread answered when it listened. */
  readonly listening: Listening;
  /** Rejects with the thread's own error, or when it ended before it answered. */
  ask(question: string): Promise<unknown>;
  /** Says something that wants no answer; a thread gets it before the questions that are asked after it. False when it has ended. */
  tell(notice: string, detail: unknown): boolean;
  /** Asks a last question, and resolves when it was answered and the thread has ended. */
  end(question: string): Promise<void>;
}

/** An error that a thread reported; `call` and `errno` are there when it came from the system. */
export class ThreadError extends Error {
  readonly call: string | undefined;
  readonly errno: number | undefined;

  constructor(message: string, call: string | undefined, errno: number | undefined, options?: ErrorOptions) {
    super(message, options);
    this.call = call;
    this.errno = errno;
  }
}

/**
 * Starts a thread on a script that calls `answerQuestions`, and resolves when it listens. Rejects with a `ThreadError`
 * that begins with `label` when it cannot, and leaves no thread behind then.
 */
export async function startThread<Listening>(
  script: URL,
  workerData: unknown,
  label: string,
): Promise<Thread<Listening>> {
  const worker = new Worker(script, { workerData });
  let listening: Listening;
  try {
    listening = (await answerTo(worker, 0)) as Listening;
  } catch (error) {
    await worker.terminate();
    const { message, call, errno } = error as ThreadError;
    throw new ThreadError(`${label} did not start: ${message}`, call, errno, { cause: error });
  }
  let isEnding = false;
  let hasEnded = false;
  let failure: unknown;
  let lastId = 0;
  worker.on("error", (error) => (failure = error));
  worker.once("exit", (code) => {
    hasEnded = true;
    if (isEnding) return;
    const reason = failure === undefined ? "" : `: ${String(failure)}`;
    // A server that has lost a thread is another server, so it must not go on as if nothing had happened.
    throw new Error(`${label} ended by itself with exit code ${code}${reason}.`, { cause: failure });
  });
  const ask = (question: string): Promise<unknown> => {
    const id = ++lastId;
    const answer = answerTo(worker, id);
    worker.postMessage({ id, question } satisfies Question);
    return answer;
  };
  return {
    listening,
    ask,
    tell: (notice, detail) => {
      if (!hasEnded) worker.postMessage({ notice, detail } satisfies Notice);
      return !hasEnded;
    },
    end: async (question) => {
      isEnding = true;
      if (hasEnded) return;
      try {
        // Terminating alone would leave native servers to be torn down with their sockets still open.
        await ask(question);
      } catch (error) {
        // Another last question was answered first, and ended the thread.
        if (!hasEnded) throw error;
      }
      await worker.terminate();
    },
  };
}

/**
 * Starts threads one after the other: the first may let the kernel choose the port that the others then join. When one
 * fails, those before it are ended.
 */
export async function startOnOnePort<Each extends { port: number }>(
  count: number,
  port: number,
  start: (index: number, port: number) => Promise<Each>,
  end: (each: Each) => Promise<void>,
): Promise<Each[]> {
  const started: Each[] = [];
  try {
    for (let index = 0; index < count; index++) started.push(await start(index, started[0]?.port ?? port));
  } catch (error) {
    await Promise.all(started.map(end));
    throw error;
  }
  return started;
}

function answerTo(worker: Worker, id: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: Answer): void => {
      if (answer.id !== id) return;
      const { failure } = answer;
      settle(
        failure === undefined
          ? () => resolve(answer.value)
          : () => reject(new ThreadError(failure.message, failure.call, failure.errno)),
      );
    };
    const onError = (error: unknown): void => settle(() => reject(error));
    const onExit = (code: number): void =>
      settle(() => reject(new Error(`its thread ended with exit code ${code}.`)));
    const settle = (finish: () => void): void => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      finish();
    };
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
  });
}
