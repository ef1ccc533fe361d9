/** The life of connections, its failures and what UDP loses, as tables. */
import { STEPS } from "../connection/explained.ts";
import type { Burst, ConnectFailure, Life, Step } from "../connection/connection.ts";
import { duration, inUnit, NOT_OBSERVED, percentage, timeUnit, whole } from "../units.ts";
import { plain, type Table } from "./tables.ts";

export interface Lived {
  server: string;
  life: Life;
}

export function lifeTable(lives: readonly Lived[]): Table {
  const steps = Object.keys(STEPS) as Step[];
  const unit = timeUnit(lives.map(({ life }) => life.totalNs));
  const column = (title: string) => ({ title, unit: unit.name, align: "right" as const });
  return {
    columns: [{ title: "server", unit: null, align: "left" }, ...steps.map(column), column("whole")],
    rows: lives.map(({ server, life }) => [
      plain(server),
      ...steps.map((step) => plain(inUnit(life.stepsNs[step], unit))),
      plain(inUnit(life.totalNs, unit)),
    ]),
  };
}

/** The five-tuple from both sides, and when the server did what, where that is known. */
export function sidesOf({ server, life }: Lived): string {
  const tuple = `${server}: TCP, ${life.local} to ${life.remote}`;
  if (life.server === null) return `${tuple}.`;
  const { remote, acceptedNs, receivedNs, answeredNs, endedNs, closedNs } = life.server;
  return (
    `${tuple}; the server saw it from ${remote}. It accepted ${duration(acceptedNs)} after the client began, had the request at ` +
    `${duration(receivedNs)} and had answered at ${duration(answeredNs)}; it saw the end at ${duration(endedNs)} and had closed at ` +
    `${duration(closedNs)}.`
  );
}

export function failureTable(failures: readonly ConnectFailure[]): Table {
  return {
    columns: [
      { title: "way", unit: null, align: "left" },
      { title: "error", unit: null, align: "left" },
      { title: "after", unit: null, align: "left" },
    ],
    rows: failures.map(({ way, error, waitedNs }) => [
      plain(way),
      plain(error ?? NOT_OBSERVED),
      plain(waitedNs === null ? NOT_OBSERVED : duration(waitedNs)),
    ]),
  };
}

export function burstTable(bursts: readonly Burst[]): Table {
  const column = (title: string, unit: string | null = null) => ({ title, unit, align: "right" as const });
  return {
    columns: [
      ...[column("buffer", "bytes"), column("sent"), column("received"), column("echoed")],
      ...[column("lost"), column("share"), column("dropped, by the kernel")],
    ],
    rows: bursts.map(({ bufferBytes, sent, received, echoed, dropped }) =>
      [
        ...[bufferBytes, sent, received, echoed, sent - received].map(whole),
        percentage((sent - received) / sent),
        whole(dropped),
      ].map((text) => plain(text)),
    ),
  };
}
