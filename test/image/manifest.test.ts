import fc from "fast-check";
import { describe, it } from "mocha";
import type { Descriptor } from "../../provider/image/descriptor.js";
import { encodeIndex, encodeManifest, parseIndex, parseManifest, platformManifests } from "../../provider/image/manifest.js";
import type { Index, Manifest } from "../../provider/image/manifest.js";
import { DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from "../../provider/image/media-types.js";
import { expect, expectThat } from "../support/expectations.js";

const digestOfLetter = (letter: string) => `sha256:${letter.repeat(64)}` as const;
const anyDigest = fc.integer({ min: 0, max: 15 }).map((value) => digestOfLetter(value.toString(16)));
const anyMap = fc.dictionary(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), { maxKeys: 4, noNullPrototype: true });
const filledMap = fc.dictionary(fc.string({ maxLength: 12 }), fc.string(), { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const anyPlatform = fc.record(
  {
    os: fc.constantFrom("linux", "windows"),
    architecture: fc.constantFrom("amd64", "arm64", "arm"),
    variant: fc.constantFrom("v6", "v8"),
    "os.version": fc.constant("10.0"),
    "os.features": fc.constant(["win32k"]),
  },
  { requiredKeys: ["os", "architecture"], noNullPrototype: true },
);
/** A blob has the same size wherever it is listed. */
const sizes = [
  0,
  1,
  2,
  511,
  512,
  4096,
  2 ** 20,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 40,
  2 ** 52,
  Number.MAX_SAFE_INTEGER,
  3,
  7,
];
const descriptorOf = (mediaType: string): fc.Arbitrary<Descriptor> =>
  fc
    .record(
      { mediaType: fc.constant(mediaType), digest: anyDigest, annotations: filledMap },
      { requiredKeys: ["mediaType", "digest"], noNullPrototype: true },
    )
    .map((descriptor) => ({ ...descriptor, size: sizes[Number.parseInt(descriptor.digest.at(-1) ?? "", 16)] ?? 0 }));

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const good = { mediaType: OCI_LAYER_GZIP, digest: digestOfLetter("a"), size: 1 };

describe("manifests", () => {
  const anyManifest: fc.Arbitrary<Manifest> = fc.record(
    { config: descriptorOf(OCI_CONFIG), layers: fc.array(descriptorOf(OCI_LAYER_GZIP), { maxLength: 4 }), annotations: anyMap },
    { noNullPrototype: true },
  );

  it("are parsed as they were written", () => {
    fc.assert(
      fc.property(anyManifest, (manifest) => {
        const bytes = encodeManifest(manifest);
        expect(parseManifest(bytes, "it")).to.deep.equal(manifest);
        expect(encodeManifest(parseManifest(bytes, "it"))).to.deep.equal(bytes);
      }),
    );
  });

  it("have the same bytes for any order of their maps", () => {
    fc.assert(
      fc.property(anyManifest, (manifest) => {
        const turned = {
          annotations: Object.fromEntries(Object.entries(manifest.annotations).reverse()),
          layers: manifest.layers.map((layer) => Object.fromEntries(Object.entries(layer).reverse()) as unknown as Descriptor),
          config: manifest.config,
        };
        expect(encodeManifest(turned)).to.deep.equal(encodeManifest(manifest));
      }),
    );
  });

  it("have the same bytes in every release", () => {
    const manifest = { config: { ...good, mediaType: "x" }, layers: [{ ...good, annotations: { b: "2", a: "1" } }], annotations: {} };
    const a = digestOfLetter("a");
    expect(encodeManifest(manifest).toString()).to.equal(
      `{"schemaVersion":2,"mediaType":"${OCI_MANIFEST}","config":{"mediaType":"${OCI_CONFIG}","digest":"${a}","size":1},` +
        `"layers":[{"mediaType":"${OCI_LAYER_GZIP}","digest":"${a}","size":1,"annotations":{"a":"1","b":"2"}}]}`,
    );
  });

  it("of Docker get OCI media types, and keep unknown media types of layers", () => {
    const docker = {
      schemaVersion: 2,
      mediaType: DOCKER_MANIFEST,
      config: { ...good, mediaType: "application/vnd.docker.container.image.v1+json" },
      layers: [
        { ...good, mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" },
        { ...good, mediaType: "application/x-other" },
      ],
    };
    const manifest = parseManifest(json(docker), "it");
    expect(manifest.config.mediaType).to.equal(OCI_CONFIG);
    expect(manifest.layers.map(({ mediaType }) => mediaType)).to.deep.equal([OCI_LAYER_GZIP, "application/x-other"]);
    expect(manifest.annotations).to.deep.equal({});
  });

  it("are rejected by name when they are invalid", () => {
    const base = { schemaVersion: 2, config: good, layers: [good] };
    const refused: readonly (readonly [unknown, RegExp])[] = [
      [{}, /^it: schemaVersion is missing$/],
      [{ ...base, schemaVersion: 1 }, /^it: schemaVersion is not 2$/],
      [{ ...base, schemaVersion: "2" }, /^it: schemaVersion is not 2$/],
      [{ ...base, layers: {} }, /^it: layers is not a list$/],
      [{ ...base, layers: undefined }, /^it: layers is missing$/],
      [{ ...base, config: undefined }, /^it: config is missing$/],
      [{ ...base, config: { ...good, digest: "sha256:abc" } }, /^it: config\.digest is not a SHA-256 digest$/],
      [{ ...base, config: { ...good, digest: undefined } }, /^it: config\.digest is not a SHA-256 digest$/],
      [{ ...base, config: { ...good, size: -1 } }, /^it: config\.size is not a whole number of bytes$/],
      [{ ...base, config: { ...good, size: 1.5 } }, /^it: config\.size is not a whole number of bytes$/],
      [{ ...base, config: { ...good, size: "1" } }, /^it: config\.size is not a whole number of bytes$/],
      [{ ...base, config: { ...good, size: undefined } }, /^it: config\.size is missing$/],
      [{ ...base, config: { ...good, size: 2 ** 53 } }, /^it: config\.size is not a whole number of bytes$/],
      [{ ...base, layers: [good, null] }, /^it: layers\[1\] is not an object$/],
      [{ ...base, layers: [{ ...good, mediaType: undefined }] }, /^it: layers\[0\]\.mediaType is missing$/],
      [{ ...base, manifests: [] }, /^it has the fields of an image manifest and of an index$/],
      [{ ...base, mediaType: OCI_INDEX }, /^it has the media type application.*index.*, but the fields of an image manifest$/],
      [{ ...base, Layers: [] }, /^it has the field "Layers", which some tools read as "layers"$/],
      [{ ...base, "layer\u017f": [] }, /which some tools read as "layers"$/],
      [
        { ...base, layers: [{ ...good, DIGEST: good.digest }] },
        /^it: layers\[0\] has the field "DIGEST", which some tools read as "digest"/,
      ],
      [{ ...base, layers: [good, { ...good, size: 2 }] }, /^it lists sha256:a+ with two sizes, 1 and 2$/],
    ];
    for (const [value, message] of refused) expect(() => parseManifest(json(value), "it")).to.throwError({ code: "invalid", message });
  });
});

describe("indexes", () => {
  const child = fc
    .tuple(descriptorOf(OCI_MANIFEST), fc.option(anyPlatform, { nil: undefined }))
    .map(([descriptor, platform]): Descriptor => (platform === undefined ? descriptor : { ...descriptor, platform }));
  const anyIndex: fc.Arbitrary<Index> = fc.record(
    {
      manifests: fc.uniqueArray(child, { maxLength: 5, selector: ({ digest }) => digest }),
      annotations: anyMap,
    },
    { noNullPrototype: true },
  );

  it("are parsed as they were written, except for the order of images, which is fixed", () => {
    fc.assert(
      fc.property(anyIndex, (index) => {
        const bytes = encodeIndex(index);
        const again = parseIndex(bytes, "it");
        const byDigest = (a: Descriptor, b: Descriptor): number => (a.digest < b.digest ? -1 : 1);
        expect(again.manifests.toSorted(byDigest)).to.deep.equal(index.manifests.toSorted(byDigest));
        expect(again.annotations).to.deep.equal(index.annotations);
        expect(encodeIndex({ ...index, manifests: index.manifests.toReversed() })).to.deep.equal(bytes);
      }),
    );
  });

  it("are ordered by platform", () => {
    const of = (architecture: string, letter: string) => ({
      ...good,
      mediaType: OCI_MANIFEST,
      digest: digestOfLetter(letter),
      platform: { os: "linux", architecture },
    });
    const { manifests } = parseIndex(
      encodeIndex({ manifests: [of("s390x", "1"), of("amd64", "3"), of("arm64", "2")], annotations: {} }),
      "it",
    );
    expect(manifests.map(({ platform }) => platform?.architecture)).to.deep.equal(["amd64", "arm64", "s390x"]);
  });

  it("are written with their media type, and parsed without it", () => {
    expect(encodeIndex({ manifests: [], annotations: {} }).toString()).to.match(
      new RegExp(`"mediaType":"${OCI_INDEX.replace("+", "\\+")}"`),
    );
    expect(parseIndex(json({ manifests: [good] }), "it").manifests).to.deep.equal([good]);
    expect(() => parseIndex(json({ schemaVersion: 2, layers: [] }), "it")).to.throwError({
      code: "invalid",
      message: "it: manifests is missing",
    });
    expect(() => parseIndex(json({ manifests: [{}] }), "it")).to.throwError({
      code: "invalid",
      message: "it: manifests[0].mediaType is missing",
    });
    const twice: readonly (readonly [object, RegExp])[] = [
      [{ manifests: [], layers: [] }, /^it has the fields of an image manifest and of an index$/],
      [{ manifests: [], config: good }, /^it has the fields of an image manifest and of an index$/],
      [{ manifests: [], fsLayers: [] }, /^it has the fields of an image manifest and of an index$/],
      [{ manifests: [], mediaType: DOCKER_MANIFEST }, /^it has the media type .*, but the fields of an index$/],
      [{ manifests: [], Manifests: [] }, /^it has the field "Manifests", which some tools read as "manifests"$/],
    ];
    for (const [value, message] of twice) expect(() => parseIndex(json(value), "it")).to.throwError({ code: "invalid", message });
  });

  it("keep known fields of valid types", () => {
    const odd = { os: "linux", architecture: "arm64", variant: "", "os.version": 7, "os.features": ["a", 1], more: "x" };
    const entries = [
      { ...good, platform: odd, annotations: { a: "x", b: 1, c: null, d: ["x"], e: "" }, urls: ["https://x"], data: "e30=" },
      { ...good, platform: { os: "linux" }, annotations: ["x"] },
      { ...good, platform: null, annotations: null },
    ];
    const bytes = Buffer.from(
      JSON.stringify({ manifests: entries, annotations: "x", more: 1 }).replace('"a":"x"', '"a":"x","__proto__":"y"'),
    );
    const { manifests, annotations } = parseIndex(bytes, "it");
    const [first, ...others] = manifests;
    expectThat(first !== undefined);
    expect(others).to.deep.equal([good, good]);
    expect(first.platform).to.deep.equal({ os: "linux", architecture: "arm64" });
    expect(Object.entries(first.annotations ?? {})).to.deep.equal(Object.entries({ a: "x", ["__proto__"]: "y", e: "" }));
    expect(Object.keys(first)).to.deep.equal(["mediaType", "digest", "size", "platform", "annotations"]);
    expect(annotations).to.deep.equal({});
  });

  it("do not list BuildKit's attestations as images", () => {
    const attestation = { ...good, digest: digestOfLetter("b"), platform: { os: "unknown", architecture: "unknown" } };
    const image = { ...good, digest: digestOfLetter("c"), platform: { os: "linux", architecture: "amd64" } };
    expect(platformManifests({ manifests: [attestation, good, image], annotations: {} })).to.deep.equal([good, image]);
  });
});
