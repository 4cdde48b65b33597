import { DhiError } from "../../provider/errors.js";
import { encodeConfig, parseConfig } from "../../provider/image/config.js";
import { encodeIndex, encodeManifest, parseIndex, parseManifest } from "../../provider/image/manifest.js";
import { DOCKER_INDEX, DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from "../../provider/image/media-types.js";
import { formatReference, parseReference } from "../../provider/image/reference.js";
import { parseChallenges } from "../../provider/registry/auth/challenge.js";
import { findEntry, parseDockerConfig } from "../../provider/registry/auth/docker-config.js";
import { manifestType } from "../../provider/registry/manifests.js";
import { expect } from "../support/expectations.js";
import { mustRead, textOf, type Target } from "./target.js";

const digest = `sha256:${"a1".repeat(32)}`;
const descriptor = { mediaType: OCI_LAYER_GZIP, digest, size: 7, annotations: { a: "b" } };
const platform = { os: "linux", architecture: "arm64", variant: "v8", "os.features": ["x"] };
const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: { ...descriptor, mediaType: OCI_CONFIG }, layers: [descriptor] };
const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [{ ...descriptor, mediaType: OCI_MANIFEST, platform }] };
const config = {
  os: "linux",
  architecture: "amd64",
  created: "2024-05-06T07:08:09Z",
  config: { User: "1", Env: ["A=b"], Entrypoint: ["/x"], Cmd: null, WorkingDir: "/", Labels: { a: "b" }, Volumes: { "/v": {} } },
  rootfs: { type: "layers", diff_ids: [digest] },
  history: [{ created_by: "x", empty_layer: true }],
};
const jsonWords = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "null",
  "true",
  "-1",
  "1e400",
  '"__proto__":',
  '"constructor":',
  "\\u0000",
  "\\ud800",
  digest,
];
/** Must never appear in an error. */
const secret = "geheim";
const basic = Buffer.from(`user:${secret}`).toString("base64");

const references: Target = {
  name: "references",
  seeds: ["debian", "docker.io/library/debian:12", `localhost:5000/a/b_c@${digest}`, `[::1]:5000/a:1@${digest}`, "oci:./x:1", "oci:/a/b"],
  words: ["oci:", "@sha256:", digest, ":", "/", "docker.io/", "localhost", "[::1]", "__", "--", ".."],
  limit: 2048,
  run: (input) => {
    const reference = parseReference(textOf(input));
    const text = formatReference(reference);
    expect(mustRead(text, () => parseReference(text))).to.deep.equal(reference);
  },
};

const manifests: Target = {
  name: "manifests",
  seeds: [
    manifest,
    index,
    config,
    { ...manifest, mediaType: DOCKER_MANIFEST },
    { ...index, mediaType: DOCKER_INDEX },
    { schemaVersion: 1 },
  ].map((value) => JSON.stringify(value)),
  words: [...jsonWords, '"manifests":', '"layers":', '"config":', '"mediaType":', '"size":', '"platform":', '"annotations":', OCI_INDEX],
  limit: 8192,
  run: (input) => {
    const types = [undefined, OCI_INDEX, OCI_MANIFEST].map((named) => answerOf(() => manifestType(input, named, digest, "it")));
    const isImage = [manifest, index].some(({ mediaType }) => types[0] === mediaType);
    if (isImage) expect(new Set(types).size).to.deep.equal(1);
    const parsers = [
      () => again(parseManifest(input, "it"), encodeManifest, parseManifest),
      () => again(parseIndex(input, "it"), encodeIndex, parseIndex),
      () => again(parseConfig(input, "it"), encodeConfig, parseConfig),
    ];
    const read = parsers.map((parse) => answerOf(parse)).filter((answer) => answer === true);
    // Bytes are at most one of these: a manifest is not an index.
    expect(answerOf(() => parseManifest(input, "it")) === undefined || answerOf(() => parseIndex(input, "it")) === undefined).to.equal(
      true,
    );
    if (read.length === 0) throw new DhiError("invalid", "none of the three");
  },
};

/** Encoding and parsing again gives equal bytes. */
function again<T>(value: T, encode: (value: T) => Buffer, parse: (bytes: Buffer, what: string) => T): boolean {
  const bytes = encode(value);
  expect(encode(mustRead(bytes.toString(), () => parse(bytes, "it")))).to.deep.equal(bytes);
  return true;
}

function answerOf<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof DhiError) return undefined;
    throw thrown;
  }
}

const challenges: Target = {
  name: "challenges",
  seeds: [
    'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
    'Basic realm="a \\"quoted\\" realm", Bearer realm=x',
    "Negotiate dGVzdA==, Basic realm=x",
    'Digest a = "b" , c=d,, Basic',
  ],
  words: ["Bearer ", "Basic ", "realm=", "scope=", '"', '\\"', ",", "=", "  ", "\\", "=="],
  limit: 8192,
  run: (input) => {
    for (const { scheme, parameters } of parseChallenges(input.toString("latin1"))) {
      expect(scheme).to.not.equal("");
      for (const [name, value] of Object.entries(parameters)) expect(name !== "" && typeof value === "string").to.equal(true);
    }
  },
};

const dockerConfig: Target = {
  name: "docker-config",
  seeds: [
    { auths: { "https://index.docker.io/v1/": { auth: basic }, "ghcr.io/acme": { username: "user", password: secret } } },
    { auths: { "reg.example:5000": { identitytoken: secret, auth: null }, "http://a/v2/": { registrytoken: secret } } },
    { credHelpers: { "gcr.io": "gcloud" }, credsStore: "desktop", auths: { "x.example": {} }, HttpHeaders: { a: "b" } },
  ].map((value) => JSON.stringify(value)),
  words: [
    ...jsonWords,
    '"auths":',
    '"auth":',
    '"credHelpers":',
    '"credsStore":',
    '"identitytoken":',
    '"username":',
    '"password":',
    basic,
    "https://",
  ],
  limit: 8192,
  run: (input) => {
    try {
      const { auths, helpers } = parseDockerConfig(textOf(input), "config.json");
      for (const host of ["docker.io", "ghcr.io", "reg.example:5000"]) {
        findEntry(auths, host, "acme/app");
        findEntry(helpers, host, "a");
      }
    } catch (thrown) {
      // Names of fields may be shown, values never.
      const isName = /(?:geheim|Z2VoZWlt|dXNlcjpnZWhlaW)[^"]*"\s*:/.test(textOf(input));
      if (thrown instanceof DhiError && !isName && [secret, basic].some((word) => thrown.describe().includes(word))) {
        throw new Error("a secret is shown", { cause: thrown });
      }
      throw thrown;
    }
  },
};

export const registryTargets: readonly Target[] = [references, manifests, challenges, dockerConfig];
