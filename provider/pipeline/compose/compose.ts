import { encodeIndex } from "../../image/manifest.js";
import { OCI_INDEX, OCI_MANIFEST } from "../../image/media-types.js";
import { formatReference } from "../../image/reference.js";
import { BASE_DIGEST_ANNOTATION, BASE_NAME_ANNOTATION, LAYOUT_ANNOTATION } from "../annotations.js";
import { omit } from "../../values.js";
import { mergeNotices, type Notice } from "../notice.js";
import type { ResourceLog, Session } from "../session.js";
import type { FoundViolation } from "../policy/violation.js";
import { openSources, type Sources } from "../sources/sources.js";
import type { ComposedPlatform, Composition } from "./composition.js";
import type { ComposeRequest, Composing } from "./composing.js";
import { readAhead } from "./platform-sources.js";
import { composePlatform } from "./platform.js";
import { layoutOf } from "./layout-version.js";
import { openReusableLayers } from "./reusable-layers.js";

/** Composes the image in the cache. The same request gives the same digest on any machine. Nothing is pushed. */
export async function composeImage(session: Session, request: ComposeRequest, log: ResourceLog): Promise<Composition> {
  const sources = await openSources(session, request.spec, request.resolution);
  const reusable = openReusableLayers(session, request.spec.destination, request.records);
  const annotations = annotationsOf(request, sources);
  const composing: Composing = { session, request, sources, reusable, annotations, log };
  const reading = readAhead(composing);
  const platforms: ComposedPlatform[] = [];
  const notices = new Map<string, readonly Notice[]>();
  const violations: FoundViolation[] = [];
  try {
    for (const platform of sources.platforms) {
      const composed = await composePlatform(composing, platform);
      platforms.push(composed.result);
      notices.set(platform, composed.notices);
      violations.push(...composed.violations.map((violation) => ({ ...violation, platform })));
    }
  } finally {
    await reading;
  }
  const layoutVersion = layoutOf(platforms);
  const dropped = new Set(platforms.flatMap((platform) => [...platform.dropped.annotations]));
  const bytes = encodeIndex({
    manifests: platforms.map(({ manifest, described }) => ({
      mediaType: OCI_MANIFEST,
      digest: manifest.digest,
      size: manifest.bytes.length,
      platform: described,
    })),
    annotations: { ...omit(sources.base?.annotations ?? {}, dropped), ...annotations, [LAYOUT_ANNOTATION]: String(layoutVersion) },
  });
  const index = { mediaType: OCI_INDEX, digest: await session.cache.writeBlob(bytes), bytes };
  return { index, platforms, layoutVersion, notices: mergeNotices(notices), violations };
}

function annotationsOf({ spec }: ComposeRequest, { base }: Sources): Readonly<Record<string, string>> {
  const named =
    spec.base === undefined || base === undefined
      ? {}
      : {
          [BASE_NAME_ANNOTATION]: formatReference({ repository: spec.base.repository, tag: spec.base.tag }),
          [BASE_DIGEST_ANNOTATION]: base.digest,
        };
  return { ...named, ...spec.inputs.annotations };
}
