// What Bun's and Deno's own HTTP servers answer, both of which take the web's Request and want its Response.

/** A POST gets its body back, gathered and with its length; a GET a greeting. */
export async function answer(request) {
  if (request.method === "POST")
    return new Response(await request.arrayBuffer(), {
      headers: { "Content-Type": "application/octet-stream" },
    });
  if (request.method === "GET") return new Response("echo: POST a body to get it back\n");
  return new Response(null, { status: 405, headers: { Allow: "GET, POST" } });
}
