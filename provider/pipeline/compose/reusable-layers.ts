import { blame } from "../../errors.js";
import type { Descriptor } from "../../image/descriptor.js";
import type { Repository } from "../../image/reference.js";
import type { Session } from "../session.js";
import type { LayerRecord, LayerRecords } from "../state/layer-records.js";

/** The record of a layer, where state has one and the destination has its bytes: such a layer need neither be made nor moved. */
export type FindReusable = (key: string, mediaType: string) => Promise<LayerRecord | undefined>;

/** Asks the destination for each blob once. */
export function openReusableLayers(session: Session, destination: Repository, records: LayerRecords): FindReusable {
  const repository = session.repositories.open(destination);
  const asked = new Map<string, Promise<boolean>>();
  const isThere = (descriptor: Descriptor): Promise<boolean> => {
    const known = asked.get(descriptor.digest) ?? repository.hasBlob(descriptor);
    asked.set(descriptor.digest, known);
    return known;
  };
  return async (key, mediaType) => {
    const record = records.get(key);
    if (record === undefined) return undefined;
    const { digest, size } = record;
    return (await blame({ origin: "destination" }, () => isThere({ mediaType, digest, size }))) ? record : undefined;
  };
}
