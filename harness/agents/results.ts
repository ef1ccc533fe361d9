/**
 * The results of one session's slices: heard as they are stored, and asked for in the stream when they were missed, because
 * the broker or this controller was away.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { JetStreamManager } from "@nats-io/jetstream";
import { readSliceResult, resultSubject, sessionSubjects, STREAM, type SliceResult } from "./messages.ts";
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

export function openResults({ connection, manager }: AgentPool, session: string): Results {
  const heard = new Map<string, SliceResult>();
  const waiting = new Map<string, () => void>();
  const subscription = connection.subscribe(resultSubject(session, "*", "*"), {
    callback: (_error, { subject, data }) => {
      heard.set(subject, readSliceResult(data));
      waiting.get(subject)?.();
    },
  });
  return {
    wait: async (member, slice, seconds) => {
      const subject = resultSubject(session, slice, member.id);
      const untilMs = performance.now() + seconds * 1000;
      let looksLeft = LAST_LOOKS;
      while (!heard.has(subject) && performance.now() < untilMs && looksLeft > 0) {
        const timer = new AbortController();
        const arrival = new Promise<void>((resolve) => waiting.set(subject, resolve));
        await Promise.race([
          arrival,
          delay(LOOK_MS, undefined, { signal: timer.signal }).catch(() => undefined),
        ]);
        timer.abort();
        if (heard.has(subject)) break;
        const stored = await storedResult(manager, subject);
        if (stored !== null) heard.set(subject, stored);
        if (member.isLost) looksLeft -= 1;
      }
      waiting.delete(subject);
      const result = heard.get(subject) ?? null;
      heard.delete(subject);
      return result;
    },
    stop: () => subscription.unsubscribe(),
    forget: async () => {
      const filter = sessionSubjects(session);
      await manager.streams.purge(STREAM, { filter }).catch(() => undefined);
    },
  };
}

/** Null when there is none, or the broker does not answer now. */
export async function storedResult(manager: JetStreamManager, subject: string): Promise<SliceResult | null> {
  try {
    const message = await manager.streams.getMessage(STREAM, { last_by_subj: subject });
    return message === null ? null : readSliceResult(message.data);
  } catch {
    return null;
  }
}
