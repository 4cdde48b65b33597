import type { ResourceLog, Session } from "../session.js";
import type { LocalSources } from "../sources/local-sources.js";
import type { Sources } from "../sources/sources.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { LayerRecords } from "../state/layer-records.js";
import type { Resolution } from "../state/resolution.js";
import type { FindReusable } from "./reusable-layers.js";

/** What a composition is made of. */
export interface ComposeRequest {
  readonly spec: ImageSpec;
  readonly resolution: Resolution;
  readonly local: LocalSources;
  /** What state says of our layers. */
  readonly records: LayerRecords;
}

/** What all platforms of a composition share. */
export interface Composing {
  readonly session: Session;
  readonly request: ComposeRequest;
  readonly sources: Sources;
  readonly reusable: FindReusable;
  /** On the manifest of each platform and on the index: declared ones, and the name and digest of the base. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly log: ResourceLog;
}
