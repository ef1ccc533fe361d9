/** Answers HTTP requests: a POST gets its body back, a GET gets a greeting. */
import type { App, HttpResponse } from "./load-addon.ts";

export function echoHttp(app: App): void {
  app.post("/*", echoBody);
  app.get("/*", (response) => {
    response.writeHeader("Content-Type", "text/plain").end("echo: POST a body to get it back\n");
  });
  app.any("/*", (response) => {
    response.writeStatus("405 Method Not Allowed").writeHeader("Allow", "GET, POST").end();
  });
}

function echoBody(response: HttpResponse): void {
  const chunks: Uint8Array[] = [];
  let aborted = false;
  // The addon requires a listener; a client that left needs no answer.
  response.onAborted(() => (aborted = true));
  response.onData((chunk, isLast) => {
    if (!isLast) {
      // The addon takes its memory back when this function returns.
      chunks.push(new Uint8Array(chunk.slice(0)));
      return;
    }
    if (aborted) return;
    const body = chunks.length === 0 ? chunk : Buffer.concat([...chunks, new Uint8Array(chunk)]);
    response.cork(() => {
      response.writeHeader("Content-Type", "application/octet-stream").end(body);
    });
  });
}
