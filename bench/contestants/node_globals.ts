/** MSAL reaches for Node's global Buffer, which Deno 2.1 gives to unbundled npm packages only. */
import { Buffer } from "node:buffer";

Object.assign(globalThis, { Buffer });
