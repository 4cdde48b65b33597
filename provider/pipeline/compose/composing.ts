import type { ResourceLog, Session } from "../session.js";
import type { LocalSources } from "../sources/local-sources.js";
import type { Sources } from "../sources/sources.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { LayerRecords } from "../state/layer-records.js";
import type { Resolution } from "../state/resolution.js";
import type { PlannedPlatform } from "./planned-platform.js";
import type { FindReusable } from "./reusable-layers.js";

/** The inputs of a composition. */
export interface ComposeRequest {
  readonly spec: ImageSpec;
  readonly resolution: Resolution;
  readonly local: LocalSources;
  /** The layers recorded in state. */
  readonly records: LayerRecords;
  /** Is told of each platform once it is planned; the files of the base are then read even where no layer needs them. */
  readonly observe?: ((planned: PlannedPlatform) => void) | undefined;
}

/** Shared by all platforms of a composition. */
export interface Composing {
  readonly session: Session;
  readonly request: ComposeRequest;
  readonly sources: Sources;
  readonly reusable: FindReusable;
  /** Annotations of each manifest and of the index: the declared ones, and the name and digest of the base. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly log: ResourceLog;
}
