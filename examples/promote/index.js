// @ts-check
// To promote what was tested: pulumi stack output history --json, then pulumi config set promote sha256:… and pulumi up
const pulumi = require("@pulumi/pulumi");
const dhi = require("pulumi-dhi");

const config = new pulumi.Config();
const registry = config.require("registry");
const version = config.require("version");
const promote = config.get("promote") || undefined;

// A new image whenever something moves. Each has a tag of its own, `3.13-0f2a61c07d3e`, so what was tested stays what it is.
const candidate = new dhi.Customization("candidate", {
  repository: `${registry}/dhi-python`,
  version,
  destination: `${registry}/python-candidate`,
  environment: { TZ: "UTC" },
  immutableTags: true,
  keepPrevious: 30, // that many may be promoted
});

// The very digest that was tested, with what is attached to it, in the repository that production pulls from. A candidate that was promoted
// before stays there, so promoting it again is the way back.
const tag = promote?.startsWith("sha256:") ? `${version}-${promote.slice("sha256:".length, "sha256:".length + 12)}` : promote;
const stable =
  tag === undefined
    ? undefined
    : new dhi.Mirror("stable", { source: `${registry}/python-candidate`, destination: `${registry}/python`, select: [tag] });

exports.candidate = candidate.ref;
exports.history = dhi.getHistoryOutput({ ref: candidate.ref });
exports.stable = stable && pulumi.interpolate`${stable.repository}@${stable.images.apply((images) => images[tag ?? ""])}`;
