import { describe, it } from "mocha";
import { customizationKind } from "../../provider/resources/customization/customization.js";
import { ociArtifactKind } from "../../provider/resources/oci-artifact/oci-artifact.js";
import { describeFailure, parseInputs } from "../../provider/resources/parse.js";
import { formatId, identityOf, type ImageKind } from "../../provider/pipeline/spec/image-spec.js";
import { unknown, type Value, type ValueMap } from "../../provider/values.js";
import { expect, expectThat } from "../support/expectations.js";

const digest = `sha256:${"a".repeat(64)}` as const;
const customized = { repository: "ghcr.io/acme/python", version: "3.13", suffix: "custom" };
const made = { repository: "ghcr.io/acme/tools", tag: "2026" };

const specOf = (kind: ImageKind, inputs: ValueMap) => {
  const { value, failures } = parseInputs(kind.schema, inputs);
  expect(failures).to.deep.equal([]);
  expectThat(value !== undefined && !("at" in value));
  return value;
};
const said = (kind: ImageKind, inputs: ValueMap): readonly string[] => parseInputs(kind.schema, inputs).failures.map(describeFailure);

describe("customizations", () => {
  it("have a base, a tag made of version and suffix, and by default the base's repository", () => {
    const spec = specOf(customizationKind, customized);
    expect(spec.base).to.deep.equal({
      repository: { kind: "registry", host: "ghcr.io", name: "acme/python" },
      tag: "3.13",
      pinned: undefined,
    });
    expectThat(spec.base !== undefined);
    expect(spec.destination).to.equal(spec.base.repository);
    expect(spec.tags).to.deep.equal([{ tag: "3.13_custom", property: "suffix" }]);
  });

  const ids: readonly (readonly [ValueMap, string])[] = [
    [customized, "ghcr.io/acme/python:3.13_custom"],
    [{ ...customized, version: `3.13@${digest}` }, "ghcr.io/acme/python:3.13_custom"],
    [{ ...customized, destination: "oci:./out" }, "oci:./out:3.13_custom"],
    [{ repository: "python", version: "3.13", destination: "ghcr.io/p" }, "ghcr.io/p:3.13"],
    [{ ...customized, additionalTags: ["latest"] }, "ghcr.io/acme/python:3.13_custom"],
  ];
  for (const [inputs, id] of ids) {
    it(`have the id ${id}, even while other inputs are unknown`, () => {
      expect(formatId(identityOf(specOf(customizationKind, inputs)))).to.equal(id);
      const identity = customizationKind.identify({ ...inputs, environment: unknown, cmd: [unknown] });
      expect(identity).to.deep.equal(identityOf(specOf(customizationKind, inputs)));
    });
  }

  it("have no id while one of its inputs is unknown or invalid", () => {
    for (const name of ["repository", "version", "suffix", "destination", "additionalTags"]) {
      expect(customizationKind.identify({ ...customized, [name]: unknown }), name).to.equal(undefined);
    }
    expect(customizationKind.identify({ ...customized, additionalTags: ["a", unknown] })).to.equal(undefined);
    expect(customizationKind.identify({ ...customized, repository: "A" })).to.equal(undefined);
    expect(customizationKind.identify({})).to.equal(undefined);
  });

  it("have a known base even while other inputs are unknown", () => {
    const base = { repository: { kind: "registry", host: "ghcr.io", name: "acme/python" }, tag: "3.13", pinned: digest };
    expect(customizationKind.identifyBase({ repository: customized.repository, version: `3.13@${digest}`, suffix: unknown })).to.deep.equal(
      base,
    );
    const others: readonly ValueMap[] = [
      { ...customized, version: unknown },
      { ...customized, repository: unknown },
      { ...customized, version: "a b" },
    ];
    for (const inputs of others) expect(customizationKind.identifyBase(inputs)).to.equal(undefined);
  });

  const refused: readonly (readonly [ValueMap, RegExp])[] = [
    [{}, /^repository: is missing/],
    [{ ...customized, version: undefined as unknown as string }, /^version: /],
    [{ ...customized, version: "" }, /^version: "" has no tag\. Write a tag such as 3\.13/],
    [{ ...customized, version: "3 13" }, /^version: "3 13" is not a valid tag/],
    [{ ...customized, version: "3.13@sha256:1" }, /^version: "3\.13@sha256:1" is not pinned by a digest\. Write tag@sha256/],
    [{ ...customized, version: `@${digest}` }, /^version: .* has no tag/],
    [{ ...customized, version: `3@${digest}@${digest}` }, /^version: .* is not pinned by a digest/],
    [{ ...customized, suffix: "" }, /^suffix: "" gives "3\.13_", which is not a valid tag/],
    [{ ...customized, suffix: "a b" }, /^suffix: "a b" gives "3\.13_a b", which is not a valid tag: a suffix has/],
    [{ ...customized, suffix: "x".repeat(124) }, /^suffix: .* at most 128 characters$/],
    [{ ...customized, suffix: 7 }, /^suffix: is not a string\. Give a suffix such as "custom"$/],
    [{ repository: "ghcr.io/a", version: "1" }, /^suffix: is missing, and without it the base's own tag would be overwritten/],
    [{ repository: "oci:a", version: "1", destination: "oci:./a" }, /^suffix: is missing/],
    [{ repository: "alpine", version: "1", destination: "docker.io/library/alpine" }, /^suffix: is missing/],
    [{ ...customized, additionalTags: ["3.13_custom"] }, /^additionalTags: "3\.13_custom" is already published\. Remove it$/],
    [{ ...customized, additionalTags: ["a", "b", "a"] }, /^additionalTags: "a" is already published/],
    [{ ...customized, additionalTags: ["3.13"] }, /^additionalTags: "3\.13" is the base's own tag\. Remove it$/],
    [{ ...customized, additionalTags: ["a/b"] }, /^additionalTags\[0\]: "a\/b" is not a valid tag/],
    [
      { ...customized, artifacts: [{ image: "ghcr.io/a:1", includes: [] }] },
      /^artifacts\[0\]\.includes: is empty\. Only included paths are copied/,
    ],
    [{ ...customized, artifacts: [{ image: "ghcr.io/a:1" }] }, /^artifacts\[0\]\.includes: is missing/],
    [{ ...customized, artifacts: [{ image: "ghcr.io/a", includes: ["/x"] }] }, /^artifacts\[0\]\.image: .* neither tag nor digest/],
    [{ ...customized, directories: [{ path: "/x", includes: ["a"] }] }, /^directories\[0\]\.includes: is only used with a source/],
    [{ ...customized, files: [{ path: "/x", source: "" }] }, /^files\[0\]\.source: "" is not a path/],
    [{ ...customized, platforms: [] }, /^platforms: is empty\. Give a platform, or remove it$/],
    [{ ...customized, platforms: ["amd64"] }, /^platforms\[0\]: "amd64" is not a valid platform/],
    [{ ...customized, cmd: "serve" }, /^cmd: is not a command\. Give a list/],
    [{ ...customized, cmd: { mode: "add" } }, /^cmd\.mode: /],
    [{ ...customized, runAs: "1app" }, /^runAs: "1app" is not the name or uid of a user$/],
    [{ ...customized, runAs: -1 }, /^runAs: -1 is not a valid id/],
    [{ ...customized, workingDirectory: "srv" }, /^workingDirectory: "srv" is not absolute/],
    [{ ...customized, stopSignal: "TERM" }, /^stopSignal: "TERM" is not a signal\. Give a name such as SIGTERM/],
    [{ ...customized, exposedPorts: ["80", "0"] }, /^exposedPorts\[1\]: "0" is not a port\. Give one from 1 to 65535/],
    [{ ...customized, volumes: ["data"] }, /^volumes\[0\]: "data" is not absolute\. Start it with a slash/],
    [{ ...customized, environment: { "A=B": "x" } }, /^environment\["A=B"\]: "A=B" is not a valid variable name/],
    [{ ...customized, users: [{ name: "a", uid: 1, home: "a:b" }] }, /^users\[0\]\.home: "a:b" is not an absolute path/],
    [{ ...customized, users: [{ name: "a", uid: 1, shell: "/a\nroot::0:0:::" }] }, /^users\[0\]\.shell: /],
    [{ ...customized, package: ["curl"] }, /^has no property "package"\. It has repository, version/],
    [{ ...customized, distribution: "debian:bookworm" }, /^has no property "distribution"/],
    [{ ...customized, packages: "curl" }, /^packages: is not a list\. Give a list of packages$/],
    [{ ...customized, packages: ["cu rl"] }, /^packages\[0\]: "cu rl" is not a valid package\. Write name, name=version, or !name/],
    [{ ...customized, packages: ["curl", "!git=1"] }, /^packages\[1\]: "!git=1" is not a valid package/],
    [{ ...customized, packages: ["curl="] }, /^packages\[0\]: "curl=" is not a valid package/],
    [{ ...customized, packages: [{}] }, /^packages\[0\]: has no package name\. Give debian, alpine or both$/],
    [{ ...customized, packages: [{ debian: "a b" }] }, /^packages\[0\]\.debian: "a b" is not a valid package/],
    [{ ...customized, packages: [{ fedora: "curl" }] }, /^packages\[0\]: has no property "fedora"\. It has debian, alpine$/],
    [{ ...customized, packages: [7] }, /^packages\[0\]: is not a package/],
    [{ ...customized, assumeInstalled: [7] }, /^assumeInstalled\[0\]: 7 is not a string/],
    [{ ...customized, caCertificates: "pem" }, /^caCertificates: is not a list\. Give a list of PEM certificates$/],
    [{ ...customized, packageSources: [{}] }, /^packageSources\[0\]\.url: is missing/],
    [
      { ...customized, packageSources: [{ url: "ftp://x/debian" }] },
      /^packageSources\[0\]\.url: "ftp:\/\/x\/debian" is not an http, https or file URL/,
    ],
    [{ ...customized, packageSources: [{ url: "http://x", keys: "k" }] }, /^packageSources\[0\]\.keys: is not a list/],
    [
      { ...customized, packageSources: [{ url: "http://x", trusted: true }] },
      /^packageSources\[0\]: has no property "trusted"\. It has url, suites/,
    ],
  ];
  for (const [inputs, message] of refused) {
    it(`report invalid inputs: ${String(message)}`, () => {
      const failures = said(customizationKind, inputs);
      expect(failures[0] ?? "").to.match(message);
    });
  }

  it("accept the base's own tag at another destination", () => {
    const spec = specOf(customizationKind, { ...customized, destination: "ghcr.io/other", additionalTags: ["3.13"] });
    expect(spec.tags.map(({ property }) => property)).to.deep.equal(["suffix", "additionalTags[0]"]);
  });

  it("convert content inputs to the form for planning", () => {
    const { inputs } = specOf(customizationKind, {
      ...customized,
      scripts: [{ path: "/usr//bin/x", content: "", uid: 0, gid: 0, mode: "0755" }],
      cmd: ["a"],
      entrypoint: { mode: "clear" },
      platforms: ["linux/arm64/v8"],
      runAs: 5,
      packages: ["curl", "git=1:2.39.5-0+deb12u2", "!bash", { debian: "python3", alpine: "python3=3.12" }, { alpine: "musl_x" }],
      packageSources: [{ url: "http://mirror.example/debian//", suites: ["bookworm"] }],
    });
    const plain = (name: string, version?: string) => ({ name, version, forbidden: false });
    expect(inputs.packages).to.deep.equal([
      { debian: plain("curl"), alpine: plain("curl") },
      { debian: plain("git", "1:2.39.5-0+deb12u2"), alpine: plain("git", "1:2.39.5-0+deb12u2") },
      { debian: { ...plain("bash"), forbidden: true }, alpine: { ...plain("bash"), forbidden: true } },
      { debian: plain("python3"), alpine: plain("python3", "3.12") },
      { alpine: plain("musl_x") },
    ]);
    expect(inputs.packageSources).to.deep.equal([{ url: "http://mirror.example/debian", suites: ["bookworm"] }]);
    expect(inputs.scripts?.[0]).to.deep.equal({ path: "usr/bin/x", content: "", uid: 0, gid: 0, mode: 0o755 });
    expect(inputs.cmd).to.deep.equal({ mode: "append", args: ["a"] });
    expect(inputs.entrypoint).to.deep.equal({ mode: "clear", args: [] });
    expect(inputs.platforms).to.deep.equal(["linux/arm64"]);
    expect(inputs.runAs).to.equal(5);
  });
});

describe("artifacts", () => {
  it("have a repository and a tag, but no base", () => {
    const spec = specOf(ociArtifactKind, { ...made, directories: [{ path: "/opt" }] });
    expect(spec.base).to.equal(undefined);
    expect(formatId(identityOf(spec))).to.equal("ghcr.io/acme/tools:2026");
    expect(ociArtifactKind.identify({ ...made, files: unknown })).to.deep.equal(identityOf(spec));
    expect(ociArtifactKind.identifyBase(made)).to.equal(undefined);
  });

  it("have no id while repository or tag is unknown", () => {
    for (const name of ["repository", "tag"]) expect(ociArtifactKind.identify({ ...made, [name]: unknown })).to.equal(undefined);
  });

  it("with packages must declare a distribution", () => {
    const packages = ["curl"];
    expect(said(ociArtifactKind, { ...made, packages })).to.deep.equal([
      "distribution: is missing, and packages are those of a distribution. Give a distribution such as debian:bookworm",
    ]);
    expect(said(ociArtifactKind, { ...made, packages: [] })).to.deep.equal([]);
    const spec = specOf(ociArtifactKind, { ...made, packages, distribution: "debian:12" });
    expect(spec.distribution).to.deep.equal({ family: "debian", release: "bookworm" });
  });

  const distributions: readonly (readonly [Value, RegExp])[] = [
    ["bookworm", /^distribution: "bookworm" is not a distribution\. Write debian:bookworm/],
    ["debian:stable", /^distribution: "debian:stable" moves from release to release\. Name the release/],
    ["debian:12.5", /^distribution: "debian:12\.5" is a point release/],
    ["debian:slink", /^distribution: "debian:slink" is not a known release of Debian/],
    ["alpine:4", /^distribution: "alpine:4" is not a release of Alpine/],
    ["fedora:40", /^distribution: "fedora:40" is not supported/],
    [12, /^distribution: 12 is not a string/],
  ];
  for (const [distribution, message] of distributions)
    it(`report invalid inputs: ${String(message)}`, () =>
      expect(said(ociArtifactKind, { ...made, distribution })[0] ?? "").to.match(message));

  it("reject inputs that only customizations have", () => {
    expect(said(ociArtifactKind, { ...made, suffix: "x" })[0] ?? "").to.match(/^has no property "suffix"/);
    expect(said(ociArtifactKind, { repository: "ghcr.io/a" })[0] ?? "").to.match(/^tag: is missing\. Give a tag$/);
  });
});

describe("both kinds", () => {
  it("list their inputs, including those in the id and those shown in plain text", () => {
    for (const kind of [customizationKind, ociArtifactKind]) {
      for (const name of [...kind.identity, ...kind.shown]) expect(kind.inputs, name).to.include(name);
      for (const name of kind.identity) expect(kind.shown, name).to.include(name);
      expect(kind.inputs).to.include("environment");
    }
    expect(customizationKind.inputs.has("tag")).to.equal(false);
    expect(ociArtifactKind.inputs.has("suffix")).to.equal(false);
  });
});
