/** Worker threads that each serve the same port and answer questions of the thread that started them: their side. */
import { parentPort } from "node:worker_threads";

export interface Question {
  id: number;
  question: string;
}

/** What wants no answer. */
export interface Notice {
  notice: string;
  detail: unknown;
}

/** Number 0 answers the start itself. */
export interface Answer {
  id: number;
  value?: unknown;
  failure?: { message: string; call?: string; errno?: number };
}

export interface Serving {
  /** The answer when the thread listens; copied to the other thread, as all answers are. */
  listening: unknown;
  /** By question. */
  answers: Record<string, () => unknown>;
  /** By notice. */
  notices?: Record<string, (detail: unknown) => void>;
}

/** Starts to serve, and then answers questions until the other side ends the thread. */
export async function answerQuestions(start: () => Promise<Serving>): Promise<void> {
  let serving: Serving | undefined;
  await reply(0, async () => (serving = await start()).listening);
  parentPort?.on("message", (message: Question | Notice) => {
    if ("notice" in message) serving!.notices![message.notice]!(message.detail);
    else void reply(message.id, () => serving!.answers[message.question]!());
  });
}

async function reply(id: number, answer: () => unknown): Promise<void> {
  let message: Answer;
  try {
    message = { id, value: await answer() };
  } catch (error) {
    const { call, errno } = error as { call?: string; errno?: number };
    message = {
      id,
      failure: {
        message: error instanceof Error ? error.message : String(error),
        ...(typeof call === "string" && { call }),
        ...(typeof errno === "number" && { errno }),
      },
    };
  }
  parentPort?.postMessage(message);
}
