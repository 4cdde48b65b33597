import { findProgram, freePort, isListening, startService } from "./process.js";
import { cleanup } from "../running-test.js";

/** olareg, a registry with the referrers API, in memory; it stops with the test. Returns `127.0.0.1:port`; undefined without olareg. */
export async function startOlareg({ deletes = true }: { readonly deletes?: boolean } = {}): Promise<string | undefined> {
  const program = findProgram("olareg");
  if (program === undefined) return undefined;
  const port = await freePort();
  const args = ["serve", "--addr", "127.0.0.1", "--port", String(port), "--store-type", "mem", ...(deletes ? ["--api-delete"] : [])];
  const service = await startService(program, args, process.env, () => isListening(port));
  cleanup(service.stop);
  return `127.0.0.1:${String(port)}`;
}
