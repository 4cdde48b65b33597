import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { describe, it } from "mocha";
import { MAX_VEX_BYTES, type VexDocument } from "../../../provider/attestation/vex/document.js";
import { digestOf, hexOf } from "../../../provider/image/digest.js";
import { readVexSource } from "../../../provider/pipeline/sources/vex-source.js";
import { parseVexSource } from "../../../provider/pipeline/spec/vex-source.js";
import { documentBytes, statement } from "../../attestation/vex/documents.js";
import { debian } from "../../attestation/vex/packages.js";
import { expect } from "../../support/expectations.js";
import { listen } from "../../support/registries/listen.js";
import { cleanup } from "../../support/running-test.js";
import { makeWorkplace, openSession } from "../../support/session/session.js";

const bytes = documentBytes([statement("CVE-1", ["pkg:deb/debian/curl"])]);
const packages = [
  debian("curl", "8.14.1-2"),
  debian("libc6", "2.41-12", { source: { name: "glibc", version: "2.41-12" } }),
  debian("libstdc++6", "14.2.0-19"),
  debian("git", "2.47", { origin: "added" }),
];

/** Reads a source with these files in the project's folder. */
async function reading(
  files: Readonly<Record<string, Buffer | string>> = {},
): Promise<(source: string) => Promise<readonly VexDocument[]>> {
  const place = await makeWorkplace();
  cleanup(place.remove);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place.folder, path)), { recursive: true });
    writeFileSync(join(place.folder, path), content);
  }
  const session = openSession(place);
  return (source) => readVexSource(session, parseVexSource(source), packages);
}

/** A server of these files, by path; the paths that were asked for. */
async function serving(files: Readonly<Record<string, Buffer | string>>): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const { host, stop } = await listen(
    createServer((request, response) => {
      asked.push(request.url ?? "");
      const content = files[request.url ?? ""];
      response.writeHead(content === undefined ? 404 : 200).end(content);
    }),
  );
  cleanup(stop);
  return { url: `http://${host}`, asked };
}

const entry = (id: string, location: string, fields: object = {}): object => ({ id, location, format: "openvex", ...fields });
const named = (name: string): Buffer => documentBytes([statement(`CVE-${name}`, ["pkg:deb/debian/curl"])]);
const vulnerabilities = (documents: readonly VexDocument[]): readonly string[] =>
  documents.flatMap(({ statements }) => statements.map(({ vulnerability }) => vulnerability.name));

describe("vex.source", () => {
  it("is a file of the project", async () => {
    const read = await reading({ "vex/base.json": bytes });
    expect((await read("vex/base.json")).map(({ digest }) => digest)).to.deep.equal([digestOf(bytes)]);
    await expect(read("vex/other.json")).to.be.rejectedWithError({
      code: "not-found",
      property: "vex.source",
      message: '"vex/other.json" does not exist',
      hint: /relative to the Pulumi project/,
    });
  });

  it("is a document with its hash, which is read once", async () => {
    const { url, asked } = await serving({ "/base.json": bytes });
    const read = await reading();
    const source = `${url}/base.json#sha256=${hexOf(digestOf(bytes))}`;
    expect(vulnerabilities(await read(source))).to.deep.equal(["CVE-1"]);
    expect(await read(source)).to.deep.equal(await read(source));
    expect(asked).to.deep.equal(["/base.json"]);
  });

  it("is refused with another hash than declared", async () => {
    const { url } = await serving({ "/base.json": bytes });
    await expect((await reading())(`${url}/base.json#sha256=${"0".repeat(64)}`)).to.be.rejectedWithError({
      code: "mismatch",
      property: "vex.source",
      message: `${url}/base.json has the hash ${hexOf(digestOf(bytes))}, not ${"0".repeat(64)} as declared`,
      hint: /declare the new hash/,
    });
  });

  it("says what is wrong, and advises no archive of packages", async () => {
    const { url } = await serving({ "/large.json": Buffer.alloc(MAX_VEX_BYTES + 1, " ") });
    const read = await reading({ "cyclonedx.json": "{}", "large.json": Buffer.alloc(MAX_VEX_BYTES + 1, " ") });
    const hash = `#sha256=${"0".repeat(64)}`;
    for (const [source, code, message] of [
      [`${url}/gone.json${hash}`, "not-found", /gone\.json does not exist$/],
      [`${url}/large.json${hash}`, "limit", /large\.json/],
      [`http://127.0.0.1:1/a.json${hash}`, "unavailable", /127\.0\.0\.1:1/],
      ["cyclonedx.json", "invalid", /^cyclonedx\.json is not a document in OpenVEX$/],
      ["large.json", "limit", /^large\.json has 8388609 bytes/],
    ] as const) {
      await expect(read(source), source).to.be.rejectedWithError({ code, message, property: "vex.source", hint: /^(?!.*packageSources)/ });
    }
  });
});

describe("a feed in the layout of the product's advisories", () => {
  const files = {
    "index.json": JSON.stringify({
      updated_at: "2026-04-30T16:53:52Z",
      packages: [
        entry("pkg:deb/debian/curl", "pkg/deb/debian/curl/curl.vex.json"),
        entry("pkg:deb/debian/glibc", "pkg/deb/debian/glibc/glibc.vex.json"),
        entry("pkg:deb/debian/libstdc%2b%2b6", "pkg/deb/debian/libstdc%2b%2b6/libstdc%2b%2b6.vex.json"),
        entry("pkg:deb/debian/git", "pkg/deb/debian/git/git.vex.json"),
        entry("pkg:apk/alpine/curl", "pkg/apk/alpine/curl/curl.vex.json"),
        entry("pkg:deb/debian/curl", "pkg/curl.csaf.json", { format: "csaf" }),
        "nonsense",
      ],
    }),
    "pkg/deb/debian/curl/curl.vex.json": named("curl"),
    "pkg/deb/debian/glibc/glibc.vex.json": named("glibc"),
    "pkg/deb/debian/libstdc%2b%2b6/libstdc%2b%2b6.vex.json": named("libstdc"),
  };
  const expected = ["CVE-curl", "CVE-glibc", "CVE-libstdc"];

  it("is a folder, of which the documents about packages of the base and their sources are read", async () => {
    const read = await reading(Object.fromEntries(Object.entries(files).map(([path, content]) => [`advisories/${path}`, content])));
    expect(vulnerabilities(await read("advisories"))).to.deep.equal(expected);
  });

  it("is a URL, and file names are escaped in it", async () => {
    const { url, asked } = await serving(
      Object.fromEntries(Object.entries(files).map(([path, content]) => [`/main/${path.replaceAll("%", "%25")}`, content])),
    );
    expect(vulnerabilities(await (await reading())(`${url}/main/`))).to.deep.equal(expected);
    expect(asked).to.have.length(4);
  });

  it("cannot name files outside of it, nor other servers", async () => {
    const locations = ["../secret.json", "/etc/passwd", "a/../../b.json", "a//b.json", "./a.json", "a\\b.json", ""];
    const index = JSON.stringify({ packages: locations.map((location) => entry("pkg:deb/debian/curl", location)) });
    expect(await (await reading({ "feed/index.json": index, "secret.json": bytes }))("feed")).to.deep.equal([]);
    const { url, asked } = await serving({
      "/feed/index.json": JSON.stringify({ packages: [entry("pkg:deb/debian/curl", "http:x@example.com")] }),
    });
    await expect((await reading())(`${url}/feed/`)).to.be.rejectedWithError({ code: "not-found", message: /which does not exist$/ });
    expect(asked).to.deep.equal(["/feed/index.json", "/feed/http%3Ax%40example.com"]);
  });

  it("is refused without an index, and where a document that it lists is missing", async () => {
    const read = await reading({ "empty/.keep": "", "torn/index.json": files["index.json"] });
    await expect(read("empty")).to.be.rejectedWithError({ code: "not-found", property: "vex.source", message: "empty has no index.json" });
    await expect(read("torn")).to.be.rejectedWithError({
      code: "not-found",
      message: "torn lists pkg/deb/debian/curl/curl.vex.json, which does not exist",
    });
  });
});
