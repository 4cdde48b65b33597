// Imports point one way: pulumi -> resources -> pipeline -> { packages, rootfs, attestation } -> image.
// registry, http and cache are reached through their interfaces.

/** No file under `from` may import a file under one of `to`. */
const forbid = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });
const room = (...names) => `^provider/(${names.join("|")})/`;
const own = "^(sdk|provider|cli)/";

module.exports = {
  forbidden: [
    forbid("no-cycles", "A cycle has no part that can be read or tested alone.", {}, { circular: true }),
    forbid("no-unresolved", "What is imported must be there.", {}, { couldNotResolve: true }),
    forbid("sources-without-tests", "Sources know no tests.", { path: own }, { path: "^(test|bench|examples|scripts)/" }),
    forbid(
      "no-dev-dependencies",
      "A user does not have them.",
      { path: own },
      { dependencyTypes: ["npm-dev", "npm-no-pkg"], dependencyTypesNot: ["type-only"], pathNot: "node_modules/@(pulumi|types)/" },
    ),
    forbid(
      "image-is-pure",
      "image/ holds nouns: it knows errors, plain values, how texts are trimmed, and itself.",
      { path: room("image") },
      { path: "^provider/", pathNot: ["^provider/image/", "^provider/(?:errors|values|text/trim)\\.ts$"] },
    ),
    forbid(
      "image-does-no-io",
      "image/ is computed, not fetched.",
      { path: room("image") },
      { dependencyTypes: ["core"], path: "^(node:)?(fs|http|https|net|tls|child_process|os|worker_threads)(/|$)" },
    ),
    forbid(
      "async-is-pure",
      "async/ runs work of others, whatever it is: it knows itself alone.",
      { path: room("async") },
      { path: "^provider/", pathNot: "^provider/async/" },
    ),
    forbid(
      "rootfs-arrow",
      "File trees know images, and nobody who fetches them.",
      { path: room("rootfs") },
      { path: room("registry", "http", "pipeline", "resources", "pulumi", "packages", "attestation") },
    ),
    forbid(
      "packages-arrow",
      "Packages know file trees and images; bytes come through an interface.",
      { path: room("packages") },
      { path: room("registry", "pipeline", "resources", "pulumi", "attestation") },
    ),
    forbid(
      "deb-knows-no-apk",
      "What both families need stands beside them.",
      { path: "^provider/packages/deb/" },
      { path: "^provider/packages/apk/" },
    ),
    forbid(
      "apk-knows-no-deb",
      "What both families need stands beside them.",
      { path: "^provider/packages/apk/" },
      { path: "^provider/packages/deb/" },
    ),
    forbid(
      "attestation-arrow",
      "Attestations know images; they are stored through an interface.",
      { path: room("attestation") },
      { path: room("pipeline", "resources", "pulumi", "rootfs") },
    ),
    forbid("resources-arrow", "Resources do not depend on Pulumi.", { path: room("resources") }, { path: room("pulumi") }),
    forbid(
      "pipeline-arrow",
      "A resource calls the pipeline, and may be another than an image with layers.",
      { path: room("pipeline") },
      { path: room("resources", "pulumi") },
    ),
    forbid(
      "registry-arrow",
      "Registries store images, whatever they are for.",
      { path: room("registry") },
      { path: room("pipeline", "resources", "pulumi", "packages", "rootfs", "attestation") },
    ),
    forbid(
      "http-arrow",
      "http/ knows errors, how JSON is read, and itself.",
      { path: room("http") },
      { path: room("pipeline", "resources", "pulumi", "packages", "rootfs", "attestation", "registry", "cache") },
    ),
    forbid(
      "cache-arrow",
      "The cache knows digests, not what they stand for.",
      { path: room("cache") },
      { path: room("pipeline", "resources", "pulumi", "packages", "rootfs", "attestation", "registry", "http") },
    ),
    forbid(
      "http-through-registry",
      "Only who speaks a protocol speaks HTTP.",
      { path: own, pathNot: ["^provider/(http|registry)/", "^provider/packages/fetch/"] },
      { path: room("http") },
    ),
    forbid(
      "undici-in-http",
      "One place for agents, retries, limits and proxies.",
      { path: own, pathNot: room("http") },
      { path: "node_modules/undici/" },
    ),
    forbid(
      "pulumi-at-the-edge",
      "The core will sit behind a second face.",
      { path: "^provider/", pathNot: ["^provider/pulumi/", "^provider/index\\.ts$"] },
      { path: "node_modules/@pulumi/" },
    ),
    forbid(
      "sdk-is-light",
      "A program that declares resources loads no core: types, names of outputs, or a dynamic import when a lookup is called.",
      { path: "^sdk/" },
      {
        path: "^provider/",
        pathNot: "^provider/pipeline/(?:state|mirror)/output-names\\.ts$",
        dependencyTypesNot: ["type-only", "dynamic-import"],
      },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["require", "node", "default"],
      extensions: [".ts", ".js", ".json"],
    },
  },
};
