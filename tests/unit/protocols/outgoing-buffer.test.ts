/** Codecs over an output that has taken all bytes when `write` returns, so that their buffers are used again. */
import { expect, test } from "vitest";
import { HttpCodec } from "../../../protocols/http.ts";
import { WebSocketCodec } from "../../../protocols/websocket.ts";
import { Recorder, deliver } from "./driver.ts";
import { ACCEPTED, post } from "./http-streams.ts";
import { BINARY, frame, handshake } from "./ws-streams.ts";

test.each(Object.entries(ACCEPTED))("%s is answered with the same bytes", (_name, stream) => {
  const answers = [false, true].map((takesAtOnce) => {
    const output = new Recorder(takesAtOnce);
    deliver(new HttpCodec(output, ({ body }) => ({ status: 200, body })), Buffer.from(stream, "latin1"));
    return output.text;
  });
  expect(answers[1]).toBe(answers[0]);
});

test("answers to requests that came together share one buffer, one after the other", () => {
  const output = new Recorder(true);
  const codec = new HttpCodec(output, ({ body }) => ({ status: 200, body }));
  deliver(codec, Buffer.from(post("first") + post("second")));
  expect(output.text).toMatch(/first[^]*second$/);
  expect(output.writes[0]!.original.buffer).toBe(output.writes[1]!.original.buffer);
});

test("a WebSocket handler's own messages are sent whole", () => {
  const output = new Recorder(true);
  let count = 0;
  const codec = new WebSocketCodec(output, () => ({
    opcode: "binary",
    payload: Buffer.from(`no ${count++}`),
  }));
  deliver(codec, Buffer.concat([Buffer.from(handshake()), frame(BINARY, "x"), frame(BINARY, "y")]));
  expect(output.text).toMatch(/no 0[^]*no 1$/);
});
