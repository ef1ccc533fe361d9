/** What the HTTP echo server answers to requests that it accepts. */
import { expect, test, vi } from "vitest";
import { run } from "./driver.ts";
import { HOST, chunkedPost, get, post, responses } from "./http-streams.ts";

test("a POST is answered with its body as octets", () => {
  const [response] = responses(run("http", post("hello")).bytes);
  expect(response!.status).toBe(200);
  expect(response!.body).toBe("hello");
  expect(response!.headers.get("content-type")).toBe("application/octet-stream");
  expect(response!.headers.get("content-length")).toBe("5");
});

test("every byte value survives the echo", () => {
  const body = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString("latin1");
  expect(responses(run("http", post(body)).bytes)[0]!.body).toBe(body);
});

test("a response carries the date of the current second", () => {
  const before = Math.floor(Date.now() / 1000) * 1000;
  const date = Date.parse(responses(run("http", get()).bytes)[0]!.headers.get("date")!);
  expect(date).toBeGreaterThanOrEqual(before);
  expect(date).toBeLessThanOrEqual(Date.now());
});

test("the date moves on with the clock", () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const dates = [0, 999, 1000].map((offset) => {
      vi.setSystemTime(Date.UTC(2026, 10, 22, 12, 0, 0) + offset);
      return responses(run("http", get()).bytes)[0]!.headers.get("date");
    });
    const first = "Sun, 22 Nov 2026 12:00:00 GMT";
    expect(dates).toEqual([first, first, "Sun, 22 Nov 2026 12:00:01 GMT"]);
  } finally {
    vi.useRealTimers();
  }
});

test("a GET is answered with a short text", () => {
  const [response] = responses(run("http", get()).bytes);
  expect(response!.status).toBe(200);
  expect(response!.headers.get("content-type")).toBe("text/plain");
  expect(response!.body.length).toBeGreaterThan(0);
});

test("a HEAD announces the length of a GET and sends no body", () => {
  const head = run("http", `HEAD / HTTP/1.1\r\n${HOST}\r\n`);
  const body = responses(run("http", get()).bytes)[0]!.body;
  expect(responses(head.bytes, [0])[0]!.headers.get("content-length")).toBe(String(body.length));
});

test.each(["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])("%s is refused with 405 and Allow", (method) => {
  const output = run("http", `${method} / HTTP/1.1\r\n${HOST}\r\n`);
  const [response] = responses(output.bytes);
  expect(response!.status).toBe(405);
  expect(response!.headers.get("allow")).toBe("GET, HEAD, POST");
});

test.each(["BREW", "post", "POSTS", "G"])("the unknown method %s is answered with 501", (method) => {
  expect(responses(run("http", `${method} / HTTP/1.1\r\n${HOST}\r\n`).bytes)[0]!.status).toBe(501);
});

test("a refused method does not end the connection", () => {
  const output = run("http", `PUT / HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`, post("next"));
  expect(responses(output.bytes)[1]!.body).toBe("next");
  expect(output.endCount).toBe(0);
});

test.each([
  ["origin", "GET /a/b?c=d%20e HTTP/1.1"],
  ["absolute", "GET http://example.org/a HTTP/1.1"],
  ["asterisk", "OPTIONS * HTTP/1.1"],
  ["authority", "CONNECT example.org:443 HTTP/1.1"],
])("a target in %s form is taken", (_form, line) => {
  expect([200, 405]).toContain(responses(run("http", `${line}\r\n${HOST}\r\n`).bytes)[0]!.status);
});

test("a small response is one write", () => {
  expect(run("http", post("x".repeat(16 * 1024))).writes.length).toBe(1);
});

test("a large body is written without joining it to its head", () => {
  const output = run("http", post("x".repeat(16 * 1024 + 1)));
  expect(output.writes.map((write) => write.copy.length)[1]).toBe(16 * 1024 + 1);
});

test("pipelined requests are answered in order", () => {
  const bodies = Array.from({ length: 40 }, (_, i) => `request ${i}`);
  const output = run("http", bodies.map((body) => post(body)).join(""));
  expect(responses(output.bytes).map((response) => response.body)).toEqual(bodies);
});

test("an HTTP/1.1 connection stays open and says nothing about it", () => {
  const output = run("http", post("x"));
  expect(output.endCount).toBe(0);
  expect(responses(output.bytes)[0]!.headers.has("connection")).toBe(false);
});

test.each(["close", "Close", "x, close", "keep-alive , CLOSE"])(
  "Connection: %s closes after the answer",
  (value) => {
    const output = run("http", post("x", `Connection: ${value}\r\n`));
    expect(responses(output.bytes)[0]!.headers.get("connection")).toBe("close");
    expect(output.endCount).toBe(1);
  },
);

test("requests after Connection: close are ignored", () => {
  expect(responses(run("http", post("x", "Connection: close\r\n") + post("y")).bytes).length).toBe(1);
});

test("an HTTP/1.0 connection closes after the answer", () => {
  const output = run("http", "GET / HTTP/1.0\r\n\r\n");
  expect(responses(output.bytes)[0]!.headers.get("connection")).toBe("close");
  expect(output.endCount).toBe(1);
});

test("an HTTP/1.0 connection stays open when the client asks for it", () => {
  const output = run("http", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  expect(responses(output.bytes)[0]!.headers.get("connection")).toBe("keep-alive");
  expect(output.endCount).toBe(0);
});

test("a later HTTP/1.x is served as HTTP/1.1", () => {
  expect(responses(run("http", `GET / HTTP/1.7\r\n${HOST}\r\n`).bytes)[0]!.status).toBe(200);
});

test.each(["", "h", "example.org", "example.org:", "[::1]:80", "[::1]", "%41.b:8080"])(
  "Host: %s is valid",
  (host) => {
    expect(responses(run("http", `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`).bytes)[0]!.status).toBe(200);
  },
);

test.each([
  ["two equal lines", "Content-Length: 3\r\nContent-Length: 3\r\n"],
  ["an equal list", "Content-Length: 3 , 03\r\n"],
])("a Content-Length as %s counts once", (_form, lines) => {
  expect(responses(run("http", `POST / HTTP/1.1\r\n${HOST}${lines}\r\nabc`).bytes)[0]!.body).toBe("abc");
});

test("a chunked body is joined", () => {
  const [response] = responses(run("http", chunkedPost("3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n")).bytes);
  expect(response!.body).toBe("abc0123456789");
});

test("chunk extensions and trailers are dropped", () => {
  const framed = '3 ;a="b;c"; d=e\r\nabc\r\n0;z\r\nContent-Length: 9\r\nX: y\r\n\r\n';
  const output = run("http", chunkedPost(framed) + post("next"));
  expect(responses(output.bytes).map((response) => response.body)).toEqual(["abc", "next"]);
});

test("Expect: 100-continue is answered at once when the body is still to come", () => {
  const request = post("hello", "Expect: 100-Continue\r\n");
  const output = run("http", request.slice(0, -5));
  expect(output.text).toBe("HTTP/1.1 100 Continue\r\n\r\n");
});

test("the final response follows 100 Continue", () => {
  const request = post("hello", "Expect: 100-continue\r\n");
  const output = run("http", request.slice(0, -5), "hello");
  expect(responses(output.bytes).map((response) => response.status)).toEqual([100, 200]);
});

test("100 Continue goes out before a chunked body as well", () => {
  const output = run("http", chunkedPost("", "Expect: 100-continue\r\n"));
  expect(output.text).toBe("HTTP/1.1 100 Continue\r\n\r\n");
});

test.each([
  ["a part of the body has arrived", post("hello", "Expect: 100-continue\r\n").slice(0, -1)],
  ["the body has arrived", post("hello", "Expect: 100-continue\r\n")],
  ["there is no body", get("Expect: 100-continue\r\n")],
  ["the client speaks HTTP/1.0", "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"],
])("100 Continue is not sent when %s", (_when, request) => {
  expect(run("http", request).text).not.toContain("100 Continue");
});

test("100 Continue is not sent for a body that is too large", () => {
  const lines = "Expect: 100-continue\r\nContent-Length: 99999999\r\n";
  const statuses = responses(run("http", `POST / HTTP/1.1\r\n${HOST}${lines}\r\n`).bytes).map(
    (one) => one.status,
  );
  expect(statuses).toEqual([413]);
});
