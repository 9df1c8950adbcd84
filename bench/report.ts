/** What one version of Deno measured. */
import type { DenoVersion } from "../dev/deno.ts";
import type { Samples } from "./load.ts";
import type { Micro } from "./micro.ts";
import { loadRows, microRows, sizeRows, soakRows, startRows } from "./rows.ts";
import type { Size } from "./sizes.ts";
import type { SoakSample } from "./soak.ts";
import type { StartSamples } from "./start.ts";
import type { Row } from "./table.ts";

export interface Report {
  deno: DenoVersion;
  load: Samples[];
  starts: StartSamples[];
  micro: Micro[];
  soak: SoakSample[];
  sizes: Size[];
}

export function reportRows({ load, starts, micro, soak, sizes }: Report): Row[] {
  return [
    ...(load.length > 0 ? loadRows(load) : []),
    ...startRows(starts),
    ...(micro.length > 0 ? microRows(micro) : []),
    ...sizeRows(sizes),
    ...soakRows(soak),
  ];
}
