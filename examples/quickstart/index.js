// @ts-check
// What `npm run quickstart` runs: an artifact from local files, and a Debian base that is customized in every way.
// In a project of your own, `pulumi-dhi` comes from `npm install pulumi-dhi`.
const dhi = require("pulumi-dhi");

const layout = "oci:.quickstart/registry"; // a folder with images, the stand-in for registry.example.com/acme/dhi-debian
const version = process.env.QUICKSTART_BASE_TAG ?? "12";
const platforms = [`linux/${process.arch === "arm64" ? "arm64" : "amd64"}`];

// An image that holds nothing but files, to take them from.
const tools = new dhi.OciArtifact("tools", {
  repository: "oci:.quickstart/tools",
  tag: "1",
  platforms,
  directories: [{ source: "examples/quickstart/tools", path: "/opt/tools" }],
});

const greeter = new dhi.Customization("greeter", {
  repository: layout,
  version,
  suffix: "greeter", // 12 becomes 12_greeter
  additionalTags: ["greeter-latest"],
  platforms,

  // What goes in, later over earlier.
  artifacts: [{ image: tools.ref, includes: ["/opt/tools"], excludes: ["/opt/tools/doc"] }],
  directories: [{ path: "/var/lib/greet", uid: 1001, gid: 1001, mode: "0750" }],
  files: [{ source: "examples/quickstart/files/greet.conf", path: "/etc/greet/greet.conf" }],
  scripts: [{ path: "/usr/local/bin/warm-up", content: "#!/bin/sh\nexec /opt/tools/bin/greet warm-up\n", uid: 0, gid: 0, mode: "0755" }],
  compression: "gzip",

  // Who it runs as.
  users: [{ name: "app", uid: 1001, groups: ["greeters"] }],
  groups: [
    { name: "app", gid: 1001 },
    { name: "greeters", gid: 2000, members: ["app"] },
  ],
  runAs: "app",

  // How it runs.
  entrypoint: ["/opt/tools/bin/greet"], // appended; the base has none
  cmd: { mode: "replace", args: ["quickstart"] }, // the base's is bash
  workingDirectory: "/var/lib/greet",
  environment: { GREETING: "Hello", LANG: "C.UTF-8" },

  // What is said about it: labels in the image's config, annotations on its manifests and index.
  labels: { "org.opencontainers.image.title": "greeter" },
  annotations: { "org.opencontainers.image.vendor": "Acme" },
});

exports.ref = greeter.ref; // what a deployment uses
exports.digest = greeter.digest;
exports.tags = greeter.tags;
exports.base = greeter.base.ref;
exports.added = greeter.resolution.apply(({ artifacts, files }) => [...Object.keys(artifacts), ...Object.keys(files)]);
exports.notices = greeter.notices;
