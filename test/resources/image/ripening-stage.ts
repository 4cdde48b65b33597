import { after, before } from "mocha";
import type { Session } from "../../../provider/pipeline/session.js";
import type { ValueMap } from "../../../provider/values.js";
import { baseParts, Workshop } from "../../pipeline/workshop.js";
import type { ImageParts } from "../../support/images/image.js";

const day = 86_400_000;
const start = Date.parse("2026-03-01T09:00:00Z");

/** An image that says when it was made. */
export function made(version: string, created: string): ImageParts {
  const parts = baseParts(version);
  return { ...parts, platforms: parts.platforms.map((platform) => ({ ...platform, rest: { created } })) };
}

export const short = (digest: string): string => digest.slice(0, 19);

export function noticesOf({ notices }: ValueMap): readonly string[] {
  const all = (notices ?? []) as readonly { readonly kind: string; readonly message: string }[];
  return all.map(({ kind, message }) => `${kind}: ${message}`);
}

export const baseOf = (values: ValueMap): ValueMap => values["base"] as ValueMap;
export const firstSeen = (values: ValueMap): unknown => values["__firstSeen"];

export interface RipeningStage {
  readonly shop: Workshop;
  /** A session on a day after the first. */
  readonly at: (days: number) => Session;
  /** The name of a new repository. */
  readonly base: () => string;
}

/** For all tests of a suite. */
export function openRipeningStage(): RipeningStage {
  let shop: Workshop | undefined;
  let count = 0;
  before(async () => {
    shop = await Workshop.open();
  });
  after(() => shop?.remove());
  const opened = (): Workshop => {
    if (shop === undefined) throw new Error("the suite has not begun");
    return shop;
  };
  return {
    get shop() {
      return opened();
    },
    at: (days) => ({ ...opened().session(), now: () => start + days * day }),
    base: () => `oci:ripe-${String((count += 1))}`,
  };
}
