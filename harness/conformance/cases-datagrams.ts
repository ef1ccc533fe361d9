/** The echo over UDP: whole datagrams, each once, to whoever sent it. What is lost on the way is sent again. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { ConformanceCaseDefinition, ConformanceForm, ConformanceTarget } from "./case.ts";
import { patternOf, requireEqual } from "./payload.ts";

const PROBE_BYTES = 64;
const SIZES_BYTES: readonly { bytes: number; form: ConformanceForm }[] = [
  { bytes: PROBE_BYTES, form: "probe" },
  { bytes: 1, form: "short" },
  { bytes: 1472, form: "short" },
  { bytes: 0, form: "full" },
  { bytes: 16_384, form: "full" },
];
/** Few enough for every buffer on their way. */
const AT_ONCE = 50;
const SENDERS = 20;
const AGAIN_AFTER_MS = 300;

interface Datagram {
  bytes: Buffer;
  sent: number;
  echoed: number;
}

class Sender {
  readonly #socket: Socket;
  readonly #heard: Buffer[] = [];
  #failure: Error | null = null;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    socket.on("message", (message) => {
      this.#heard.push(message);
      this.#wake();
    });
    socket.on("error", (error) => {
      this.#failure = error;
      this.#wake();
    });
    signal.addEventListener("abort", () => {
      this.#failure ??= new Error("time was up");
      socket.close();
      this.#wake();
    });
  }

  static async open({ host, port }: ConformanceTarget, signal: AbortSignal): Promise<Sender> {
    const socket = createSocket("udp4");
    const sender = new Sender(socket, signal);
    socket.connect(port, host);
    await once(socket, "connect");
    return sender;
  }

  send(bytes: Uint8Array): void {
    if (this.#failure === null) this.#socket.send(bytes);
  }

  /** The next datagram; null when none came for a while. */
  async next(): Promise<Buffer | null> {
    if (this.#heard.length === 0 && this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, AGAIN_AFTER_MS).unref();
      });
    }
    if (this.#heard.length === 0 && this.#failure !== null)
      throw new Error(`Expected an echo, but none came: ${this.#failure.message}.`);
    return this.#heard.shift() ?? null;
  }
}

/** Sends until an echo comes, and requires it to be the datagram. */
async function exchange(sender: Sender, bytes: Buffer): Promise<void> {
  for (;;) {
    sender.send(bytes);
    const echo = await sender.next();
    if (echo === null) continue;
    return requireEqual(echo, bytes, `the echo of ${bytes.length} bytes`);
  }
}

const sizes = SIZES_BYTES.map(({ bytes, form }): ConformanceCaseDefinition => ({
  name: `echoes a datagram of ${bytes} ${bytes === 1 ? "byte" : "bytes"}`,
  protocols: ["udp"],
  form,
  run: async (target, signal) => exchange(await Sender.open(target, signal), patternOf(bytes, bytes)),
}));

const many: ConformanceCaseDefinition = {
  name: `answers ${AT_ONCE} datagrams that come at once, each of them once`,
  protocols: ["udp"],
  form: "short",
  run: async (target, signal) => {
    const sender = await Sender.open(target, signal);
    const datagrams = new Map(
      Array.from({ length: AT_ONCE }, (_, index) => {
        const bytes = patternOf(index, 32 + index);
        return [bytes.toString("hex"), { bytes, sent: 0, echoed: 0 }] as [string, Datagram];
      }),
    );
    const missing = () => [...datagrams.values()].filter(({ echoed }) => echoed === 0);
    const sendMissing = (): void => {
      for (const datagram of missing()) {
        sender.send(datagram.bytes);
        datagram.sent += 1;
      }
    };
    sendMissing();
    while (missing().length > 0) {
      const echo = await sender.next();
      if (echo === null) {
        sendMissing();
        continue;
      }
      const datagram = datagrams.get(echo.toString("hex"));
      if (datagram === undefined || ++datagram.echoed > datagram.sent)
        throw new Error(
          `A datagram of ${echo.length} bytes came back that was not sent, or more often than it was.`,
        );
    }
  },
};

const apart: ConformanceCaseDefinition = {
  name: `keeps ${SENDERS} senders apart`,
  protocols: ["udp"],
  form: "short",
  run: async (target, signal) => {
    const senders = await Promise.all(Array.from({ length: SENDERS }, () => Sender.open(target, signal)));
    await Promise.all(senders.map((sender, index) => exchange(sender, patternOf(index, 64 + index))));
  },
};

export const DATAGRAM_CASES: readonly ConformanceCaseDefinition[] = [...sizes, many, apart];
