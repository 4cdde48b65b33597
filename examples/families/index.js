// @ts-check
const pulumi = require("@pulumi/pulumi");
const dhi = require("pulumi-dhi");

/**
 * What every builder image gets, on any distribution: an item may have a name per family, and is skipped for an image whose family
 * it has no name for. The family of an image is read from its own files.
 * @type {dhi.ContentArgs}
 */
const tools = {
  packages: ["git", { debian: "libssl-dev", alpine: "openssl-dev" }, { debian: "locales-all" }],
};

const config = new pulumi.Config();
const registry = config.require("registry");
/** @type {{ name: string, version: string }[]} */
const images = config.requireObject("images");

/** Image and version to `repository@sha256:…`. @type {Record<string, pulumi.Output<string>>} */
const refs = {};
/** Image and version to platform to name to version. @type {Record<string, pulumi.Output<any>>} */
const packages = {};
for (const { name, version } of images) {
  const image = new dhi.Customization(`${name}-${version}`, { repository: `${registry}/${name}`, version, suffix: "builder", ...tools });
  refs[`${name}:${version}`] = image.ref;
  packages[`${name}:${version}`] = image.resolution.apply((resolution) => resolution?.packages);
}
exports.refs = refs;
exports.packages = packages;
