// @ts-check
// What `npm run quickstart` runs: a Debian base built only from packages, a bundle of CA certificates, and a customization with every
// field. In your own project, `pulumi-dhi` comes from `npm install pulumi-dhi`.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const dhi = require("pulumi-dhi");

const distribution = "debian:bookworm";
const platforms = ["linux/amd64", "linux/arm64"];

// In your own project, customize a mirrored image, such as registry.example.com/acme/dhi-debian; here the base is built first.
// The packages come from the mirror that this machine's apt is configured with, else from Debian's public one.
const base = new dhi.OciArtifact("base", {
  repository: "oci:.quickstart/registry", // a folder of images, in place of a registry
  tag: "12",
  distribution,
  platforms,
  packages: ["base-files", "base-passwd", "bash", "coreutils", "dash", "libc-bin", "netbase", "tzdata"],
  cmd: ["bash"],
  environment: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
});

// The CA certificates of Debian, and one of your own.
const root = readFileSync(join(__dirname, "files", "acme-root.pem"), "utf8");
const certs = new dhi.OciArtifact("certs", {
  repository: "oci:.quickstart/certs",
  tag: "1",
  distribution,
  platforms,
  packages: ["ca-certificates"],
  caCertificates: [root],
});

// An image that contains only files, for others to copy.
const tools = new dhi.OciArtifact("tools", {
  repository: "oci:.quickstart/tools",
  tag: "1",
  platforms,
  directories: [{ source: "examples/quickstart/tools", path: "/opt/tools" }],
});

const greeter = new dhi.Customization("greeter", {
  repository: base.asBase.repository,
  version: base.asBase.version,
  suffix: "greeter", // 12 becomes 12_greeter
  suffixAllTags: true, // the same for a tag 12.1 that is the same base
  additionalTags: ["greeter-latest"],
  platforms,

  // Content; later fields overwrite earlier ones.
  packages: ["curl", "!wget"], // with its dependencies; wget must not be installed
  upgradeInstalled: true, // and what the archive has patched in the base since
  artifacts: [
    { image: certs.ref, includes: ["/etc/ssl/certs/ca-certificates.crt"] },
    { image: tools.ref, includes: ["/opt/tools"], excludes: ["/opt/tools/doc"] },
  ],
  directories: [{ path: "/var/lib/greet", uid: 1001, gid: 1001, mode: "0750" }],
  files: [{ source: "examples/quickstart/files/greet.conf", path: "/etc/greet/greet.conf" }],
  scripts: [{ path: "/usr/local/bin/warm-up", content: "#!/bin/sh\nexec /opt/tools/bin/greet warm-up\n", uid: 0, gid: 0, mode: "0755" }],
  caCertificates: [root], // already in the bundle of certs: merged without a duplicate
  compression: "gzip",

  // Users.
  users: [{ name: "app", uid: 1001, groups: ["greeters"] }],
  groups: [
    { name: "app", gid: 1001 },
    { name: "greeters", gid: 2000, members: ["app"] },
  ],
  runAs: "app",

  // Runtime configuration.
  entrypoint: ["/opt/tools/bin/greet"], // appended; the base has none
  cmd: { mode: "replace", args: ["quickstart"] }, // the base's is bash
  workingDirectory: "/var/lib/greet",
  environment: { GREETING: "Hello", LANG: "C.UTF-8" },
  stopSignal: "SIGINT",
  exposedPorts: ["8080"], // added to the base's, as volumes are
  volumes: ["/var/lib/greet"],

  // Metadata: labels in the image config, annotations on its manifests and index.
  labels: { "org.opencontainers.image.title": "greeter" },
  annotations: { "org.opencontainers.image.vendor": "Acme" },
});

exports.ref = greeter.ref; // for deployments
exports.digest = greeter.digest;
exports.tags = greeter.tags;
exports.base = base.ref;
exports.packages = greeter.resolution.apply(({ packages }) => packages["linux/amd64"]);
exports.added = greeter.resolution.apply(({ artifacts, files }) => [...Object.keys(artifacts), ...Object.keys(files)]);
exports.notices = greeter.notices;
