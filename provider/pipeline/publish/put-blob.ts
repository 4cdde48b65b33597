import type { Descriptor } from "../../image/descriptor.js";
import type { Repository } from "../../image/reference.js";
import type { BlobSource, ImageRepository } from "../../registry/repository.js";
import { formatSize } from "../../text/format-size.js";
import type { ResourceLog } from "../session.js";
import { bigLayer } from "../sources/source-layers.js";

/** What publishing moved, for the summary. */
export interface Transfer {
  uploadedBytes: number;
  uploaded: number;
  mounted: number;
  present: number;
}

export interface BlobWork {
  readonly descriptor: Descriptor;
  readonly source: BlobSource;
  /** Mounted from here where the registry is the same. */
  readonly from: Repository | undefined;
}

/** Makes one blob present, and counts how. */
export async function putBlob(destination: ImageRepository, item: BlobWork, transfer: Transfer, log: ResourceLog): Promise<void> {
  const { descriptor, from } = item;
  const arrival = await destination.putBlob(descriptor, () => reportUpload(item, log), from);
  if (arrival === "present") transfer.present += 1;
  else if (arrival === "mounted") transfer.mounted += 1;
  else {
    transfer.uploaded += 1;
    transfer.uploadedBytes += descriptor.size;
  }
}

async function* reportUpload({ descriptor, source }: BlobWork, log: ResourceLog): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of source()) {
    sent += chunk.length;
    if (descriptor.size > bigLayer)
      log.progress(`uploading layer ${descriptor.digest.slice(7, 19)}: ${formatSize(sent)} of ${formatSize(descriptor.size)}`);
    yield chunk;
  }
}
