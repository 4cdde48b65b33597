import { all, type Output } from "@pulumi/pulumi";
import type { PinnedBase } from "./outputs.js";

/** What state says of an image and of earlier ones. */
export interface KnownHistory {
  /** `tag@sha256:…` */
  readonly version: string;
  /** Newest first. */
  readonly history: readonly { readonly digest: string; readonly tag?: string; readonly reasons: readonly string[] }[];
  /** By digest. */
  readonly published: Readonly<Record<string, string>>;
}

/** The outputs that this reads, of which two are not for programs. */
interface WithHistory {
  readonly ref: Output<string>;
  readonly asBase: Output<PinnedBase>;
  readonly __history?: Output<KnownHistory["history"] | undefined>;
  readonly __published?: Output<KnownHistory["published"] | undefined>;
}

/** Outputs that `knownHistory` takes from a resource. */
export const historyOutputs = ["__history", "__published"] as const;

const known = new Map<string, Output<KnownHistory | undefined>>();

/** From now on `knownHistory` knows the image, once the engine has told its outputs, which it tells all at once. */
export function rememberHistory(resource: WithHistory): void {
  const { ref, asBase, __history: history, __published: published } = resource;
  const told = all([asBase, history, published]).apply(([pinned, records, times]) =>
    records === undefined ? undefined : { version: pinned.version, history: records, published: times ?? {} },
  );
  ref.apply((name) => known.set(name, told));
}

/** What state says of an image of this program, by its `ref`; undefined for others. */
export function knownHistory(ref: string): Output<KnownHistory | undefined> | undefined {
  return known.get(ref);
}
