import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { boltDatabase } from "./bolt.js";

/** Source package to the names of vulnerabilities that all versions of it have. */
export type Advisories = Readonly<Record<string, readonly string[]>>;

/** A vulnerability database of trivy's, in the cache folder `folder`: `debian 13` to what it knows of each source package. */
export async function writeVulnerabilities(folder: string, advisories: Readonly<Record<string, Advisories>>): Promise<void> {
  const releases = Object.entries(advisories).map(([release, sources]) => {
    const buckets = Object.entries(sources).map(
      ([source, names]) => [source, Object.fromEntries(names.map((name) => [name, JSON.stringify({ FixedVersion: "999:1" })]))] as const,
    );
    return [release, Object.fromEntries(buckets)] as const;
  });
  const names = Object.values(advisories).flatMap((sources) => Object.values(sources).flat());
  const database = boltDatabase({
    ...Object.fromEntries(releases),
    "data-source": Object.fromEntries(releases.map(([release]) => [release, JSON.stringify({ ID: release.split(" ")[0] ?? "" })])),
    vulnerability: Object.fromEntries(names.map((name) => [name, JSON.stringify({ Title: name, Severity: "HIGH" })])),
  });
  await mkdir(join(folder, "db"), { recursive: true });
  await writeFile(join(folder, "db", "trivy.db"), database);
  const far = "2999-01-01T00:00:00Z";
  await writeFile(join(folder, "db", "metadata.json"), JSON.stringify({ Version: 2, NextUpdate: far, UpdatedAt: far, DownloadedAt: far }));
}
