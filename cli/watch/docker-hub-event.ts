import { z } from "zod";
import { listOf, mapOf, orAbsent } from "../../provider/image/lenient.js";
import { isRepositoryName, isTag } from "../../provider/image/reference.js";
import type { Push } from "./push.js";

/** What differs from the build before, for one platform. */
const platformChange = z.object({
  changes: z.object({
    vulnerabilities_fixed: orAbsent(listOf(z.object({ cve_id: z.string() }))),
    packages_updated: orAbsent(listOf(z.object({ name: z.string() }))),
  }),
});
type PlatformChange = z.output<typeof platformChange>;

/**
 * The body of a webhook of Docker Hub (docs.docker.com/docker-hub/repos/manage/webhooks). On repositories that mirror a hardened image it
 * has `dhi_metadata`, by the digest of each platform's manifest. Its `callback_url` is never called.
 */
export const dockerHubEvent: z.ZodType<readonly Push[]> = z
  .object({
    push_data: z.object({ tag: z.string().refine(isTag) }),
    repository: z.object({ repo_name: z.string().refine(isRepositoryName) }),
    dhi_metadata: orAbsent(mapOf(platformChange)),
  })
  .transform(({ push_data, repository, dhi_metadata }) => [
    {
      host: "docker.io",
      repository: repository.repo_name,
      tag: push_data.tag,
      ...(dhi_metadata === undefined ? {} : { summary: summarize(Object.values(dhi_metadata)) }),
    },
  ]);

/** Counts each vulnerability and package once, however many platforms have it. */
function summarize(platforms: readonly PlatformChange[]): string {
  const count = (names: readonly string[]): number => new Set(names).size;
  const fixed = count(platforms.flatMap(({ changes }) => changes.vulnerabilities_fixed?.map(({ cve_id }) => cve_id) ?? []));
  const updated = count(platforms.flatMap(({ changes }) => changes.packages_updated?.map(({ name }) => name) ?? []));
  return `fixes ${fixed} vulnerabilities, updates ${updated} packages`;
}
