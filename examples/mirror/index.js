// @ts-check
const pulumi = require("@pulumi/pulumi");
const dhi = require("pulumi-dhi");

const config = new pulumi.Config();
const registry = config.require("registry");

// Signatures, attestations and SBOMs come along. Deleting the resource leaves the images.
const mirror = new dhi.Mirror("python", {
  source: config.require("source"),
  destination: `${registry}/dhi-python`,
  select: config.requireObject("select"),
});

// `mirror.repository` orders them; in a preview on an empty registry the base is read from the source.
const custom = new dhi.Customization("python-custom", {
  repository: mirror.repository,
  version: "3.13",
  suffix: "acme",
  environment: { TZ: "UTC" },
});

exports.images = mirror.images;
exports.ref = custom.ref;
