import fc from "fast-check";
import { describe, it } from "mocha";
import { encodeConfig, parseConfig, variablesOf } from "../../provider/image/config.js";
import { expect } from "../support/expectations.js";

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const diffId = `sha256:${"d".repeat(64)}` as const;
const minimal = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [diffId] } };

describe("image configs", () => {
  it("are parsed with the required fields", () => {
    expect(parseConfig(json(minimal), "it")).to.deep.equal({
      platform: { os: "linux", architecture: "amd64" },
      created: undefined,
      diffIds: [diffId],
      history: [],
      execution: {},
      rest: { architecture: "amd64", os: "linux" },
    });
  });

  it("keep unknown fields and their position", () => {
    const known = {
      ...minimal,
      variant: "v2",
      author: "them",
      created: "2024-01-02T03:04:05.678Z",
      "moby.buildkit.buildinfo.v1": "…",
      config: {
        User: "65532",
        Env: ["PATH=/bin", "A=b=c"],
        Entrypoint: ["/entry"],
        Cmd: [],
        WorkingDir: "/work",
        Labels: { z: "1", a: "2" },
        ExposedPorts: { "80/tcp": {} },
        Volumes: { "/data": {} },
        StopSignal: "SIGTERM",
        Healthcheck: { Test: ["NONE"] },
        ArgsEscaped: true,
      },
      history: [{ created_by: "one", empty_layer: true }, { comment: "two" }],
    };
    const image = parseConfig(json(known), "it");
    expect(JSON.stringify(image.execution)).to.equal(JSON.stringify(known.config));
    expect(variablesOf(image)).to.deep.equal(["PATH=/bin", "A=b=c"]);
    expect(JSON.parse(encodeConfig(image).toString())).to.deep.equal(known);
    const odd = '{"__proto__":{"a":1},"os":"linux","architecture":"amd64","config":{"__proto__":2,"b":[]},"rootfs":{"diff_ids":[]}}';
    expect(encodeConfig(parseConfig(Buffer.from(odd), "it")).toString()).to.match(
      /^\{"__proto__":\{"a":1\},.*"config":\{"__proto__":2,"b":\[\]\}/,
    );
  });

  it("treat nulls and values of another type as absent", () => {
    const image = parseConfig(json({ ...minimal, created: 1, config: null, history: null }), "it");
    expect(image).to.deep.equal(parseConfig(json(minimal), "it"));
    expect(parseConfig(json({ ...minimal, config: [], history: [1, {}, null] }), "it").history).to.deep.equal([{}]);
    expect(variablesOf(parseConfig(json({ ...minimal, config: { Env: null } }), "it"))).to.deep.equal([]);
  });

  it("are rejected by name when they are invalid", () => {
    const refused = [
      {},
      { ...minimal, os: undefined },
      { ...minimal, architecture: 1 },
      { ...minimal, rootfs: undefined },
      { ...minimal, rootfs: { diff_ids: null } },
      { ...minimal, rootfs: { diff_ids: ["sha256:short"] } },
      { ...minimal, rootfs: { diff_ids: [diffId, 7] } },
      { ...minimal, rootfs: [diffId] },
    ];
    const twins = [
      { ...minimal, config: {}, CONFIG: {} },
      { ...minimal, History: [] },
      { ...minimal, config: { uſer: "0" } },
      { ...minimal, config: { User: "1", user: "0" } },
      { ...minimal, config: { stopsignal: "9" } },
      { ...minimal, rootfs: { ...minimal.rootfs, Diff_IDs: [] } },
    ];
    for (const value of twins)
      expect(() => parseConfig(json(value), "it")).to.throwError({
        code: "invalid",
        message: /^it has the field ".*", which some tools read as ".*"$/,
      });
    for (const value of refused)
      expect(() => parseConfig(json(value), "it")).to.throwError({ code: "invalid", message: /^it is not an image config/ });
    expect(() => parseConfig(Buffer.from("x"), "the config")).to.throwError({ code: "invalid", message: "the config is not JSON" });
  });

  const text = fc.string({ maxLength: 8 });
  const texts = fc.array(text, { maxLength: 3 });
  const map = fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true });
  const anyConfig = fc.record(
    {
      os: fc.constant("linux"),
      architecture: fc.constantFrom("amd64", "arm64"),
      variant: fc.constantFrom("v8", "v9"),
      created: fc.constant("2020-01-01T00:00:00Z"),
      author: text,
      future: fc.jsonValue(),
      config: fc.record(
        {
          User: text,
          Env: texts,
          Entrypoint: texts,
          Cmd: texts,
          WorkingDir: text,
          Labels: map,
          Volumes: fc.constant({ "/v": {} }),
          OnBuild: fc.constant(null),
        },
        { requiredKeys: [], noNullPrototype: true },
      ),
      history: fc.array(fc.record({ created_by: text, empty_layer: fc.boolean() }), { maxLength: 3 }),
      rootfs: fc.constant({ type: "layers", diff_ids: [diffId] }),
    },
    { requiredKeys: ["os", "architecture", "rootfs"], noNullPrototype: true },
  );

  it("are parsed as they were written", () => {
    fc.assert(
      fc.property(anyConfig, (value) => {
        const image = parseConfig(json(value), "it");
        const bytes = encodeConfig(image);
        expect(parseConfig(bytes, "it")).to.deep.equal(image);
        expect(encodeConfig(parseConfig(bytes, "it"))).to.deep.equal(bytes);
      }),
    );
  });
});
