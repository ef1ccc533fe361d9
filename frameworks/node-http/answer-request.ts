/** Answers HTTP requests: a POST gets its body back, a GET gets a greeting. */
import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * The body is gathered and sent whole, with its length. A response piped from the request would use chunked coding
 * and more writes, which few services do for small bodies.
 */
export function answerRequest(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === "POST") {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": body.length });
      response.end(body);
    });
    return;
  }
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/plain");
    response.end("echo: POST a body to get it back\n");
    return;
  }
  response.statusCode = 405;
  response.setHeader("Allow", "GET, POST");
  response.end();
}
