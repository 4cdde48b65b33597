/** Bodies as registries send them, shortened. */

/** An event of distribution 2.8 for a manifest that was pushed by tag. */
export const pushEvent = {
  id: "asdf-asdf-asdf-asdf-0",
  timestamp: "2026-11-30T14:40:00Z",
  action: "push",
  target: {
    mediaType: "application/vnd.oci.image.index.v1+json",
    size: 708,
    digest: `sha256:${"a1".repeat(32)}`,
    length: 708,
    repository: "acme/base",
    url: `http://127.0.0.1:5000/v2/acme/base/manifests/sha256:${"a1".repeat(32)}`,
    tag: "3.13",
  },
  request: { id: "1", addr: "127.0.0.1:1", host: "Registry.example.com:5000", method: "PUT", useragent: "x" },
  actor: {},
  source: { addr: "x:5000", instanceID: "1" },
};

/** Of Docker Hub's documentation. */
export const hubEvent = {
  callback_url: "https://registry.hub.docker.com/u/svendowideit/testhook/hook/2141b5bi5i5b02bec211i4eeih0242eg11000a/",
  push_data: { pushed_at: 1417566161, pusher: "trustedbuilder", tag: "latest" },
  repository: { name: "testhook", namespace: "svendowideit", repo_name: "svendowideit/testhook", star_count: 0, status: "Active" },
};

/** What a push to a mirrored hardened image has in addition, for two platforms. */
export const dhiMetadata = {
  [`sha256:${"b2".repeat(32)}`]: {
    schema_version: 1,
    change_categories: ["vulnerability_fix"],
    previous_version: { tag: "3.13", digest: `sha256:${"c3".repeat(32)}` },
    changes: {
      vulnerabilities_fixed: [{ cve_id: "CVE-2026-1", severity: "HIGH", package: "openssl", fixed_in_version: "3.0.18" }],
      packages_updated: [
        { name: "openssl", type: "deb", old_version: "3.0.17", new_version: "3.0.18" },
        { name: "libssl3", type: "deb", old_version: "3.0.17", new_version: "3.0.18" },
      ],
      packages_added: [],
    },
  },
  [`sha256:${"d4".repeat(32)}`]: {
    changes: {
      vulnerabilities_fixed: [{ cve_id: "CVE-2026-1" }, { cve_id: "CVE-2026-2" }],
      packages_updated: [{ name: "openssl" }],
    },
  },
};
