// The whole function is Rust in pkg/; this hands it its variables, by name, and every request.
import { environmentNames, requestHandler } from "../../../pkg/calendar_connect.js";

// What is used of Deno, so that the file also compiles in an app whose tsconfig.json includes it.
declare const Deno: {
  env: { get(name: string): string | undefined };
  serve(handler: (request: Request) => Promise<Response>): unknown;
};

const env = Object.fromEntries(environmentNames().map((name) => [name, Deno.env.get(name)]));

Deno.serve(requestHandler(env));
