/**
 * The results of one session's slices: heard as they are stored, and asked for in the stream when they were missed, because
 * the broker or this controller was away.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { JetStreamManager } from "@nats-io/jetstream";
import { Failure } from "../failure.ts";
import {
  plainText,
  readSliceResult,
  resultSubject,
  sessionSubjects,
  STREAM,
  type SliceResult,
} from "./messages.ts";
import type { AgentPool, Member } from "./pool.ts";

export interface Results {
  /** The result of one agent; null when the agent is lost, or nothing came within so many seconds. */
  wait(member: Member, slice: number, seconds: number): Promise<SliceResult | null>;
  /** Hears no more. */
  stop(): void;
  /** Makes the stream forget them, which are in the run by then. */
  forget(): Promise<void>;
}

const LOOK_MS = 500;
/** A result that an agent stored just before it was lost. */
const LAST_LOOKS = 2;

export function openResults({ connection, manager, signal }: AgentPool, session: string): Results {
  const heard = new Map<string, SliceResult>();
  const waiting = new Map<string, () => void>();
  let refusal: string | null = null;
  const subscription = connection.subscribe(resultSubject(session, "*", "*"), {
    callback: (error, message) => {
      if (error !== null) {
        refusal = plainText(error);
        return;
      }
      const result = resultIn(message.data);
      // Anybody may say anything; what is none is looked for in the stream.
      if (result === null) return;
      heard.set(message.subject, result);
      waiting.get(message.subject)?.();
    },
  });
  const nextLook = async (subject: string): Promise<void> => {
    const timer = new AbortController();
    const arrival = new Promise<void>((resolve) => waiting.set(subject, resolve));
    await Promise.race([arrival, delay(LOOK_MS, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    waiting.delete(subject);
  };
  return {
    wait: async (member, slice, seconds) => {
      const subject = resultSubject(session, slice, member.id);
      const untilMs = performance.now() + seconds * 1000;
      let looksLeft = LAST_LOOKS;
      while (!heard.has(subject) && performance.now() < untilMs && looksLeft > 0) {
        if (signal.aborted || connection.isClosed()) return null;
        await nextLook(subject);
        if (refusal !== null)
          throw new Failure(4, `NATS does not let this controller hear results: ${refusal}.`);
        if (heard.has(subject)) break;
        // A broker that is away is asked again.
        const stored = await storedResult(manager, subject).catch(() => null);
        if (stored !== null) heard.set(subject, stored);
        if (member.isLost) looksLeft -= 1;
      }
      const result = heard.get(subject) ?? null;
      heard.delete(subject);
      return result;
    },
    stop: () => subscription.unsubscribe(),
    forget: async () => {
      await manager.streams.purge(STREAM, { filter: sessionSubjects(session) }).catch(() => undefined);
    },
  };
}

/** Null when there is none. Rejects when the broker does not say. */
export async function storedResult(manager: JetStreamManager, subject: string): Promise<SliceResult | null> {
  const message = await manager.streams.getMessage(STREAM, { last_by_subj: subject });
  return message === null ? null : resultIn(message.data);
}

/** Null for a message that is no result of this version. */
function resultIn(bytes: Uint8Array): SliceResult | null {
  try {
    return readSliceResult(bytes);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}
