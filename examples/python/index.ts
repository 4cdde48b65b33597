import * as pulumi from "@pulumi/pulumi";
import * as dhi from "pulumi-dhi";

const config = new pulumi.Config();

// The documentation's recipe for an OCI artifact: only a CA bundle. certs/ca-certificates.crt stands for the output of
// update-ca-certificates.
const certificates = new dhi.OciArtifact("certificates", {
  repository: config.require("certificates"),
  tag: "2026",
  files: [{ source: "certs/ca-certificates.crt", path: "/etc/ssl/certs/ca-certificates.crt" }],
});

const python = new dhi.Customization("python", {
  repository: config.require("repository"),
  version: config.require("version"),
  suffix: "custom", // 3.13 becomes 3.13_custom
  artifacts: [{ image: certificates.ref, includes: ["/etc/ssl/certs"] }],
  scripts: [
    {
      path: "/usr/local/bin/start",
      content: '#!/bin/sh\nset -e\nmkdir -p /tmp/state\nexec "$@"\n',
      uid: 0,
      gid: 0,
      mode: "0755",
    },
  ],
  platforms: ["linux/amd64", "linux/arm64"],
  cmd: ["-m", "http.server"], // appended to the base's
  users: [{ name: "app", uid: 1001 }],
  groups: [{ name: "app", gid: 1001, members: ["app"] }],
  runAs: "app",
  environment: { PYTHONUNBUFFERED: "1" },
  labels: { "org.opencontainers.image.vendor": "Acme" },
  annotations: { "com.example.team": "platform" },
});

export const ref = python.ref;
export const tags = python.tags;
export const notices = python.notices;
