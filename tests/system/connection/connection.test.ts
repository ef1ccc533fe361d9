/** The life of a connection, its failures and UDP's losses, each for real. */
import { describe, expect, test } from "vitest";
import {
  connectFailures,
  middleLife,
  udpBurst,
  type ConnectFailure,
  type Request,
} from "../../../harness/connection/connection.ts";
import { startServerProcess } from "../conformance/server-process.ts";
import { listenOptions } from "../frameworks/listen-options.ts";

const request: Request = { cpus: [0], signal: new AbortController().signal };
const load = { connections: 21, payloadBytes: 64 };

describe("the life of a connection", () => {
  test("is the sum of its steps, none of which takes no time", async () => {
    const { stepsNs, totalNs } = await middleLife(0, load, request);
    const steps = Object.values(stepsNs);
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(steps.reduce((sum, one) => sum + one, 0)).toBe(totalNs);
  });

  test("has the same two ends from both sides", async () => {
    const { local, server } = await middleLife(0, load, request);
    expect(server?.remote).toBe(local);
  });

  test("has the server accept after the client began and close before it was over", async () => {
    const { server, totalNs } = await middleLife(0, load, request);
    if (server === null) throw new Error("The program's own server has a side.");
    const times = [server.acceptedNs, server.receivedNs, server.answeredNs, server.endedNs, server.closedNs];
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    expect(server.endedNs).toBeLessThan(totalNs);
  });

  test("is shown under a framework, whose own side is not known", async () => {
    const moduleUrl = new URL("../../../frameworks/node-net/framework.ts", import.meta.url).href;
    const server = await startServerProcess(moduleUrl, listenOptions({}));
    try {
      const life = await middleLife(server.port, load, request);
      expect(life.remote).toBe(`127.0.0.1:${server.port}`);
      expect(life.server).toBeNull();
    } finally {
      await server.stop();
    }
  });

  test("says when nobody listens", async () => {
    await expect(middleLife(1, load, request)).rejects.toThrow("connect: Connection refused");
  });
});

describe("connecting fails", () => {
  const failures = connectFailures(request);
  const found = async (way: ConnectFailure["way"]): Promise<ConnectFailure> => {
    const one = (await failures).find((failure) => failure.way === way);
    if (one === undefined) throw new Error(`The program shows no way "${way}".`);
    return one;
  };

  test.each([
    ["refused", "ECONNREFUSED"],
    ["reset", "ECONNRESET"],
    ["timedOut", "ETIMEDOUT"],
  ] as const)("when it is %s, with %s", async (way, error) => {
    expect((await found(way)).error).toBe(error);
  });

  test("when there is no route, with ENETUNREACH", async ({ skip }) => {
    const { error, reason } = await found("unreachable");
    if (reason !== null) skip(reason);
    expect(error).toBe("ENETUNREACH");
  });

  test("at once when it is refused, and after a second at the least when nobody answers", async () => {
    const [refused, timedOut] = [await found("refused"), await found("timedOut")];
    expect(timedOut.waitedNs).toBeGreaterThan(1e9);
    expect(refused.waitedNs).toBeLessThan((timedOut.waitedNs ?? 0) / 10);
  });
});

describe("a burst of UDP", () => {
  test("loses exactly what the kernel counts as dropped", async () => {
    const { sent, received, dropped } = await udpBurst(
      { bufferBytes: 4096, datagrams: 500, payloadBytes: 64 },
      request,
    );
    expect(dropped).toBeGreaterThan(0);
    expect(sent - received).toBe(dropped);
  });

  test("loses less when the buffer is larger", async () => {
    const lost = async (bufferBytes: number): Promise<number> => {
      const { sent, received } = await udpBurst({ bufferBytes, datagrams: 500, payloadBytes: 64 }, request);
      return sent - received;
    };
    expect(await lost(4096)).toBeGreaterThan(await lost(65_536));
  });

  test("loses nothing on the way back", async () => {
    const { received, echoed } = await udpBurst(
      { bufferBytes: 4096, datagrams: 500, payloadBytes: 64 },
      request,
    );
    expect(echoed).toBe(received);
  });
});
