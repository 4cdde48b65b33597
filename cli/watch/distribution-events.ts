import { z } from "zod";
import { isRepositoryName, isTag } from "../../provider/image/reference.js";
import { listOf, orAbsent } from "../../provider/image/lenient.js";
import type { Push } from "./push.js";

const event = z.object({
  action: z.literal("push"),
  target: z.object({ repository: z.string().refine(isRepositoryName), tag: z.string().refine(isTag) }),
  request: orAbsent(z.object({ host: orAbsent(z.string()) })),
});

/**
 * The body of a notification of distribution (docs/content/about/notifications.md there: `application/vnd.docker.distribution.events.v2+json`).
 * Events that are not pushes of a tag (pulls, blobs, deletions) are left out, and so are those of another shape: a
 * registry would send a body that is refused again, without end.
 */
export const distributionEvents: z.ZodType<readonly Push[]> = z.object({ events: listOf(event) }).transform(({ events }) =>
  events.map(({ target, request }) => ({
    host: request?.host?.toLowerCase(),
    repository: target.repository,
    tag: target.tag,
  })),
);
