import type { RegistryRepository } from "../../image/reference.js";
import type { Turns } from "../../async/turns.js";
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
  /**
   * Deletions in a repository follow one another: docker-registry looks for a deleted manifest's tags among all tags, and where another one goes
   * meanwhile it fails and leaves the tag, without the manifest.
   */
  readonly deletions: Turns;
  readonly signal: AbortSignal | undefined;
}
