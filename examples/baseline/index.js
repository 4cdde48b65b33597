// @ts-check
const pulumi = require("@pulumi/pulumi");
const dhi = require("pulumi-dhi");

/**
 * What every image of the company gets. A plain value: spread it, and properties after it override it.
 * @type {dhi.ContentArgs}
 */
const baseline = {
  files: [{ source: "files/policy.txt", path: "/usr/share/acme/policy.txt" }],
  users: [{ name: "app", uid: 1001 }],
  groups: [{ name: "app", gid: 1001 }],
  runAs: "app",
  environment: { TZ: "UTC" },
  labels: { "org.opencontainers.image.vendor": "Acme" },
};

/** What some of them get in addition, by name. @type {Record<string, dhi.ContentArgs>} */
const special = {
  "dhi-python": { environment: { ...baseline.environment, PYTHONUNBUFFERED: "1" } },
};

const config = new pulumi.Config();
const registry = config.require("registry");
/** @type {{ name: string, version: string }[]} */
const images = config.requireObject("images");

/** Image and version to `repository@sha256:…`. @type {Record<string, pulumi.Output<string>>} */
const refs = {};
for (const { name, version } of images) {
  const image = new dhi.Customization(`${name}-${version}`, {
    repository: `${registry}/${name}`,
    version,
    suffix: "acme",
    ...baseline,
    ...special[name],
  });
  refs[`${name}:${version}`] = image.ref;
}
exports.refs = refs;
