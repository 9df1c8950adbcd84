/** A function that only answers. */
Deno.serve(() => new Response("{}", { headers: { "content-type": "application/json" } }));
