import fc from "fast-check";
import { describe, it } from "mocha";
import {
  formatReference,
  formatRepository,
  isTag,
  parseReference,
  parseRepository,
  sameRepository,
} from "../../provider/image/reference.js";
import { expect } from "../support/expectations.js";

const digest = `sha256:${"a".repeat(64)}` as const;
const registry = (host: string, name: string) => ({ kind: "registry", host, name }) as const;
const layout = (path: string) => ({ kind: "layout", path }) as const;

describe("references", () => {
  const accepted = [
    ["alpine", { repository: registry("docker.io", "library/alpine") }],
    ["alpine:3.19", { repository: registry("docker.io", "library/alpine"), tag: "3.19" }],
    ["acme/tools", { repository: registry("docker.io", "acme/tools") }],
    ["docker.io/alpine", { repository: registry("docker.io", "library/alpine") }],
    ["docker.io/acme/tools:1", { repository: registry("docker.io", "acme/tools"), tag: "1" }],
    ["localhost/tools", { repository: registry("localhost", "tools") }],
    ["localhost:5000/a/b/c:v1", { repository: registry("localhost:5000", "a/b/c"), tag: "v1" }],
    ["127.0.0.1:5000/x", { repository: registry("127.0.0.1:5000", "x") }],
    ["[::1]:5000/x:y", { repository: registry("[::1]:5000", "x"), tag: "y" }],
    ["Registry.Example.COM/x", { repository: registry("registry.example.com", "x") }],
    [`ghcr.io/a/b@${digest}`, { repository: registry("ghcr.io", "a/b"), digest }],
    [`ghcr.io/a/b:1@${digest}`, { repository: registry("ghcr.io", "a/b"), tag: "1", digest }],
    ["ghcr.io/a__b/c-d/e.f_g---h", { repository: registry("ghcr.io", "a__b/c-d/e.f_g---h") }],
    ["oci:layout", { repository: layout("layout") }],
    ["oci:./a/b:1.0", { repository: layout("./a/b"), tag: "1.0" }],
    ["oci:/srv/images/:x", { repository: layout("/srv/images"), tag: "x" }],
    ["oci:/", { repository: layout("/") }],
    ["oci://", { repository: layout("/") }],
    [`oci:../up@${digest}`, { repository: layout("../up"), digest }],
    [`oci:a b/ü:t@${digest}`, { repository: layout("a b/ü"), tag: "t", digest }],
  ] as const;
  for (const [text, expected] of accepted) {
    it(`parses ${text}`, () => {
      const reference = parseReference(text);
      expect(reference).to.deep.equal(expected);
      expect(parseReference(formatReference(reference))).to.deep.equal(reference);
    });
  }

  const refused = [
    ["", /"" is not a valid repository/],
    ["oCi:36/a", /not a valid repository/],
    [":tag", /not a valid repository/],
    ["/name", /not a valid repository/],
    ["name/", /not a valid repository/],
    ["a//b", /not a valid repository/],
    ["Acme/tools", /not a valid repository/],
    ["ghcr.io/Acme", /not a valid repository/],
    ["ghcr.io/a..b", /not a valid repository/],
    ["ghcr.io/-a", /not a valid repository/],
    ["ghcr.io:x/a", /not a valid repository/],
    ["ghcr.io:123456/a", /not a valid repository/],
    ["https://ghcr.io/a", /not a valid repository/],
    ["bob:hunter2@ghcr.io/a", /^a reference has a login in front of its registry$/],
    ["https://bob:hunter2@ghcr.io/a:1", /^a reference has a login in front of its registry$/],
    [`ghcr.io/${"a".repeat(256)}`, /not a valid repository/],
    ["ghcr.io/a:", /has the tag "", which is not valid/],
    ["ghcr.io/a:.x", /has the tag ".x", which is not valid/],
    [`ghcr.io/a:${"x".repeat(129)}`, /which is not valid/],
    ["ghcr.io/a@sha256:abc", /ends in "@sha256:abc", which is not a valid digest/],
    ["ghcr.io/a@", /ends in "@", which is not a valid digest/],
    [`ghcr.io/a@${digest}:tag`, /not a valid digest/],
    ["oci:", /has no path of a layout folder/],
    ["oci::tag", /has no path of a layout folder/],
    ["oci:a:b:c", /has no path of a layout folder/],
    ["oci:a\u0000b", /has no path of a layout folder/],
    ["oci:a\nb", /has no path of a layout folder/],
  ] as const;
  for (const [text, message] of refused) {
    it(`rejects ${JSON.stringify(text.slice(0, 40))} with a hint`, () => {
      expect(() => parseReference(text)).to.throwError((thrown: { code: string; message: string; hint: string }) => {
        expect(thrown.code).to.equal("invalid");
        expect(thrown.message).to.match(message);
        expect(thrown.hint).to.not.equal("");
        return typeof thrown.hint === "string";
      });
    });
  }

  it("has a hint about lower case when that is the mistake", () => {
    expect(() => parseReference("ghcr.io/Acme")).to.throwError({ hint: "Repository names must be lower case" });
    expect(() => parseReference("ghcr.io/a b")).to.throwError({ hint: /oci:path/ });
  });

  it("parses whatever it formats", () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,6}([._-][a-z0-9]{1,4})?$/);
    const host = fc.constantFrom("ghcr.io", "localhost:5000", "docker.io", "[::1]:80");
    const names = fc.tuple(host, fc.array(name, { minLength: 2, maxLength: 4 })).map(([at, parts]) => registry(at, parts.join("/")));
    const path = fc.stringMatching(/^[a-zA-Z0-9._ /-]{0,12}[a-zA-Z0-9._-]$/).map(layout);
    const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/), { nil: undefined });
    fc.assert(
      fc.property(fc.oneof(names, path), tag, fc.boolean(), (repository, text, pinned) => {
        const reference = { repository, ...(text === undefined ? {} : { tag: text }), ...(pinned ? { digest } : {}) };
        expect(parseReference(formatReference(reference))).to.deep.equal(reference);
      }),
    );
  });
});

describe("repositories", () => {
  it("have neither tag nor digest", () => {
    expect(formatRepository(parseRepository("alpine"))).to.equal("docker.io/library/alpine");
    expect(formatRepository(parseRepository("oci:./x/"))).to.equal("oci:./x");
    for (const text of ["ghcr.io/a:1", `ghcr.io/a@${digest}`, "oci:x:1", `oci:x@${digest}`])
      expect(() => parseRepository(text)).to.throwError({ code: "invalid", message: /but only a repository is allowed here/ });
  });

  it("are the same under other spellings", () => {
    const same = [
      ["oci:x", "oci:./x"],
      ["oci:x", "oci:x/"],
      ["oci:a/b", "oci:a//./c/../b"],
      ["alpine", "docker.io/library/alpine"],
      ["GHCR.io/a", "ghcr.io/a"],
    ] as const;
    for (const [a, b] of same) expect(sameRepository(parseRepository(a), parseRepository(b)), `${a} ${b}`).to.equal(true);
    const others = [
      ["oci:x", "oci:y"],
      ["oci:x", "oci:../x"],
      ["ghcr.io/a", "ghcr.io/b"],
      ["ghcr.io/a", "quay.io/a"],
      ["oci:localhost/x", "localhost/x"],
    ] as const;
    for (const [a, b] of others) expect(sameRepository(parseRepository(a), parseRepository(b)), `${a} ${b}`).to.equal(false);
  });
});

describe("tags", () => {
  it("match the pattern of the distribution specification", () => {
    for (const text of ["a", "3.13", "_x", "A-b.c_d", "x".repeat(128)]) expect(isTag(text), text).to.equal(true);
    for (const text of ["", ".a", "-a", "a b", "a/b", "a:b", "a@b", "ä", "x".repeat(129), "a\n"]) expect(isTag(text), text).to.equal(false);
  });
});
