// The whole function is Rust in pkg/; this hands it its variables, by name, and every request.
import { environmentNames, requestHandler } from "../../../pkg/calendar_connect.js";

const env = Object.fromEntries(environmentNames().map((name) => [name, Deno.env.get(name)]));

Deno.serve(requestHandler(env));
