import type { RegistryRepository } from "../../image/reference.js";
import type { Memo } from "../../async/memo.js";
import type { BlobHolders } from "./blob-holders.js";
import type { RegistryClient } from "./registry-client.js";
import type { BlobArrival } from "../repository.js";

/** Shared by the parts of a remote repository. */
export interface RemoteOptions {
  readonly repository: RegistryRepository;
  readonly client: RegistryClient;
  /** For cleaning up, also for a short time after the operation was cancelled. */
  readonly cleanup: RegistryClient;
  /** Uploads in progress in all repositories of the operation. */
  readonly uploads: Memo<BlobArrival>;
  readonly holders: BlobHolders;
  readonly signal: AbortSignal | undefined;
}
