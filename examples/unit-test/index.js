// @ts-check
const dhi = require("pulumi-dhi");

const web = new dhi.Customization("web", {
  repository: "registry.example.com/acme/dhi-nginx",
  version: "1.28",
  suffix: "acme",
  users: [{ name: "app", uid: 1001 }],
  runAs: "app",
  labels: { "org.opencontainers.image.vendor": "Acme" },
});

exports.ref = web.ref;
