/** Request streams for the tests of the HTTP codec, and a reader of the responses. */

export const HOST = "Host: 127.0.0.1:3000\r\n";

export function post(body: string, lines = ""): string {
  return `POST /echo HTTP/1.1\r\n${HOST}${lines}Content-Length: ${body.length}\r\n\r\n${body}`;
}

export function get(lines = "", target = "/"): string {
  return `GET ${target} HTTP/1.1\r\n${HOST}${lines}\r\n`;
}

/** A chunked POST whose framed body is `framed`, from the first size line to the last empty line. */
export function chunkedPost(framed: string, lines = ""): string {
  return `POST / HTTP/1.1\r\n${HOST}${lines}Transfer-Encoding: chunked\r\n\r\n${framed}`;
}

/** Streams that are accepted as a whole, by name. */
export const ACCEPTED: Record<string, string> = {
  "a POST with a body": post("hello"),
  "a POST with an empty body": post(""),
  "a POST without a length": `POST / HTTP/1.1\r\n${HOST}\r\n`,
  "a GET": get(),
  "a HEAD": `HEAD / HTTP/1.1\r\n${HOST}\r\n`,
  "a method that is not allowed": `DELETE /x HTTP/1.1\r\n${HOST}\r\n`,
  "a method that is unknown, with a body": `BREW / HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\ntea`,
  "a chunked POST": chunkedPost("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
  "a chunked POST with extensions and trailers": chunkedPost(
    '2;a\r\nhi\r\nA \t;b="c;d" ; e=f\r\n0123456789\r\n0;last\r\nX-Sum: 1\r\nX-Other:\t2 \r\n\r\n',
  ),
  "an empty chunked POST": chunkedPost("000\r\n\r\n"),
  "pipelined requests": post("one") + get() + chunkedPost("3\r\ntwo\r\n0\r\n\r\n") + post("three") + get(),
  "a request before empty lines": `\r\n\r\n${post("x")}\r\n${post("y")}`,
  "a POST that closes, with input after it": post("bye", "Connection: close\r\n") + post("lost"),
  "an HTTP/1.0 POST": "POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi",
  "an HTTP/1.0 POST that stays":
    "POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi" + get(),
  "many fields": get(Array.from({ length: 99 }, (_, i) => `X-${i}: \t${"v".repeat(i)} \r\n`).join("")),
  "fields in odd letter case": `POST / HTTP/1.1\r\nhOsT:h\r\ncONTENT-lENGTH:\t 3 \t\r\ncoNNectioN: Keep-Alive\r\n\r\nabc`,
};

export interface ParsedResponse {
  status: number;
  headers: Map<string, string>;
  body: string;
}

/** Splits output into responses; `bodiless` says which of them, by index, answer a HEAD. Throws on anything else. */
export function responses(output: Uint8Array, bodiless: number[] = []): ParsedResponse[] {
  const parsed: ParsedResponse[] = [];
  let rest = Buffer.from(output).toString("latin1");
  while (rest !== "") {
    const headEnd = rest.indexOf("\r\n\r\n");
    const [first, ...lines] = rest.slice(0, headEnd).split("\r\n");
    const status = /^HTTP\/1\.1 ([0-9]{3}) [A-Za-z ]+$/.exec(first ?? "");
    if (headEnd < 0 || status === null) throw new Error(`This is no response: ${rest.slice(0, 200)}`);
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const;
      }),
    );
    if (headers.size !== lines.length) throw new Error(`A header field is repeated: ${lines.join(" | ")}`);
    const length = bodiless.includes(parsed.length) ? 0 : Number(headers.get("content-length") ?? 0);
    const body = rest.slice(headEnd + 4, headEnd + 4 + length);
    if (body.length !== length) throw new Error(`The body has ${body.length} of ${length} bytes.`);
    parsed.push({ status: Number(status[1]), headers, body });
    rest = rest.slice(headEnd + 4 + length);
  }
  return parsed;
}
