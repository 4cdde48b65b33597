import type { RegistryRepository } from "../../image/reference.js";
import type { Memo } from "../../async/memo.js";
import type { RegistryClient } from "./registry-client.js";
import type { BlobArrival } from "../repository.js";

/** What the parts of a remote repository share. */
export interface RemoteOptions {
  readonly repository: RegistryRepository;
  readonly client: RegistryClient;
  /** For what must be tidied even after the operation was cancelled. */
  readonly tidy: RegistryClient;
  /** Uploads in progress, of all repositories of the operation. */
  readonly uploads: Memo<BlobArrival>;
  readonly signal: AbortSignal | undefined;
}
