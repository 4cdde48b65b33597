import { findProgram, freePort, isListening, startService } from "./process.js";

export interface StartedOlareg {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly stop: () => Promise<void>;
}

/** A registry with a list of referrers, in memory. `deletes`: whether it deletes manifests; default false. Undefined without olareg. */
export async function startOlareg({ deletes = false }: { readonly deletes?: boolean } = {}): Promise<StartedOlareg | undefined> {
  const program = findProgram("olareg");
  if (program === undefined) return undefined;
  const port = await freePort();
  const args = ["serve", "--store-type", "mem", "--addr", "127.0.0.1", "--port", String(port), ...(deletes ? ["--api-delete"] : [])];
  const service = await startService(program, args, process.env, () => isListening(port));
  return { host: `127.0.0.1:${String(port)}`, stop: service.stop };
}
