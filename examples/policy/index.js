// The image names what it may not have; preview reports every violation at once. The policy pack in pack/ judges all images of a stack by
// the same facts: pulumi preview --policy-pack pack
const pulumi = require("@pulumi/pulumi");
const dhi = require("pulumi-dhi");

const config = new pulumi.Config();

const app = new dhi.Customization("app", {
  repository: config.require("repository"),
  version: config.require("version"),
  suffix: "app",
  scripts: [{ path: "/usr/local/bin/start", content: '#!/bin/sh\nexec "$@"\n', uid: 0, gid: 0, mode: "0755" }],
  users: [{ name: "app", uid: 1001 }],
  runAs: config.require("runAs"),
  policy: { forbidRoot: true, forbidSetuid: true, forbidSecrets: true, forbidEndOfLife: true },
});

exports.ref = app.ref;
