import { z } from "zod";
import { parseJson } from "../../image/json.js";
import { listOf } from "../../image/lenient.js";
import { parsePurl } from "../parse-purl.js";
import type { VexPackage } from "./names-package.js";

/** Largest index of a feed that is read; the product's has 0.3 MiB. */
export const MAX_FEED_INDEX_BYTES = 8 * 1024 * 1024;

/** Most bytes of all documents of a feed that are about packages of one image. */
export const MAX_FEED_BYTES = 16 * 1024 * 1024;

const schema = z.object({ packages: listOf(z.object({ id: z.string(), location: z.string(), format: z.string().default("openvex") })) });

/** Which document of a feed is about which package. */
export interface FeedIndex {
  /** Paths of documents about packages that are as the base has them, or about their sources; sorted. */
  documentsFor(packages: readonly VexPackage[]): readonly string[];
}

/** Reads `index.json` of a feed (aquasecurity/vex-repo-spec, as the product's advisories have it). `what` names it in errors. Throws `DhiError` "invalid". */
export function parseFeedIndex(bytes: Uint8Array, what: string): FeedIndex {
  const paths = new Map<string, string[]>();
  for (const { id, location, format } of parseJson(bytes, schema, what).packages) {
    const purl = parsePurl(id);
    if (purl === undefined || format.toLowerCase() !== "openvex" || !isBelow(location)) continue;
    const key = keyOf(purl.type, purl.namespace, purl.name);
    const known = paths.get(key);
    if (known === undefined) paths.set(key, [location]);
    else known.push(location);
  }
  return {
    documentsFor: (packages) => {
      const found = packages
        .filter(({ origin }) => origin === "base")
        .flatMap(({ type, namespace, name, source }) =>
          [name, source?.name ?? name].flatMap((one) => paths.get(keyOf(type, namespace, one)) ?? []),
        );
      return [...new Set(found)].sort();
    },
  };
}

/** Whether a path stays in the folder of the feed. */
function isBelow(location: string): boolean {
  return !/[\u0000-\u001f\\]/.test(location) && location.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function keyOf(type: string, namespace: string, name: string): string {
  return JSON.stringify([type, namespace, name]);
}
