/** Where the parts of this repository and its npm packages lie. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository: string = fileURLToPath(new URL("..", import.meta.url));

export function inRepository(...parts: string[]): string {
  return join(repository, ...parts);
}

/** A file of an npm package, or an error that names the package to install. */
export function inPackage(name: string, ...parts: string[]): string {
  const folder = inRepository("node_modules", name);
  if (!exists(folder)) {
    throw new Error(`The npm package ${name} is not installed. Run: npm ci`);
  }
  const file = join(folder, ...parts);
  if (!exists(file)) {
    throw new Error(`The npm package ${name} lacks ${parts.join("/")}. Run: npm ci`);
  }
  return file;
}

export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
