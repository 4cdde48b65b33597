// @ts-check
const pulumi = require("@pulumi/pulumi");
const dhi = require("pulumi-dhi");

const config = new pulumi.Config();

// The same program on both sides, each with a stack of its own: out, from the registry into a folder; in, from the folder
// into the registry behind the gap. Digests stay, and signatures, attestations and SBOMs come along.
const mirror = new dhi.Mirror("images", {
  source: config.require("source"),
  destination: config.require("destination"),
  select: config.requireObject("select"),
});

exports.images = mirror.images;
