/** Prints the milliseconds that a contestant's module takes to load and to be evaluated, its handler set up. */
Object.defineProperty(Deno, "serve", { value() {} });
const [entry = ""] = Deno.args;
const { href } = new URL(entry, "file:///");
const before = performance.now();
await import(href);
console.log(performance.now() - before);
