import { Memo } from "../../async/memo.js";
import { blame } from "../../errors.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Repository } from "../../image/reference.js";
import type { Session } from "../session.js";
import type { LayerRecord, LayerRecords } from "../state/layer-records.js";

/** The record of a layer, when state has one and the destination has its bytes: the layer is neither written nor uploaded. */
export type FindReusable = (key: string, mediaType: string) => Promise<LayerRecord | undefined>;

/** Checks each blob once at the destination. */
export function openReusableLayers(session: Session, destination: Repository, records: LayerRecords): FindReusable {
  const repository = session.repositories.open(destination);
  const asked = new Memo<boolean>();
  const isThere = (descriptor: Descriptor): Promise<boolean> => asked.run(descriptor.digest, () => repository.hasBlob(descriptor));
  return async (key, mediaType) => {
    const record = records.get(key);
    if (record === undefined) return undefined;
    const { digest, size } = record;
    return (await blame({ origin: "destination" }, () => isThere({ mediaType, digest, size }))) ? record : undefined;
  };
}
