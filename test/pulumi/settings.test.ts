import { describe, it } from "mocha";
import { readSettings } from "../../provider/pulumi/settings.js";
import { expect } from "../support/expectations.js";

const read = (config: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}) => readSettings((key) => config[key], "/project", env);

describe("settings", () => {
  it("have defaults without any configuration", () => {
    expect(read({})).to.deep.equal({
      registries: {},
      packageSources: {},
      packageHosts: [],
      requireFresh: false,
      deferFailures: false,
      sign: undefined,
      verify: undefined,
      timeout: undefined,
      cacheDirectory: undefined,
      jobs: undefined,
    });
  });

  it("are read from every key", () => {
    const registries = { "ghcr.io": { username: "u", password: "p" }, "localhost:5000": { plainHttp: true, caCertificates: ["x"] } };
    const packageSources = {
      "debian:bookworm": [
        {
          url: "https://mirror.example/debian",
          suites: ["bookworm"],
          components: ["main"],
          keys: ["k"],
          allowUnsigned: false,
          allowExpired: true,
        },
      ],
      "debian:trixie": [],
    };
    const config = {
      "dhi:registries": JSON.stringify(registries),
      "dhi:packageSources": JSON.stringify(packageSources),
      "dhi:packageHosts": '["mirror.example:8080"]',
      "dhi:requireFresh": "true",
      "dhi:deferFailures": "true",
      "dhi:sign": '{"key":"env:SIGNING_KEY"}',
      "dhi:verify": '{"keys":["dhi","cosign.pub"],"source":"oci:signatures"}',
      "dhi:timeout": "1h30m5s",
      "dhi:cacheDirectory": "./cache",
    };
    expect(read(config, { DHI_JOBS: "3" })).to.deep.equal({
      registries,
      packageSources,
      packageHosts: ["mirror.example:8080"],
      requireFresh: true,
      deferFailures: true,
      sign: { is: "key", key: { is: "variable", name: "SIGNING_KEY" } },
      verify: { by: { keys: ["dhi", "cosign.pub"] }, source: { kind: "layout", path: "signatures" } },
      timeout: 5_405_000,
      cacheDirectory: "/project/cache",
      jobs: 3,
    });
    expect(read({ "dhi:cacheDirectory": "/abs" }).cacheDirectory).to.equal("/abs");
    expect(read({}, { DHI_JOBS: "" }).jobs).to.equal(undefined);
  });

  it("may hold the text of a private key, which no error repeats", () => {
    const text = "-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----";
    expect(read({ "dhi:sign": JSON.stringify({ key: text }) }).sign).to.deep.equal({ is: "text", text });
    for (const wrong of [{ key: text, password: "x" }, { keys: [text] }, { key: [text] }]) {
      expect(() => read({ "dhi:sign": JSON.stringify(wrong) })).to.throwError((error: Error) => {
        expect(error.message)
          .to.match(/^dhi:sign/)
          .and.not.include("MIGHAgEA");
        return true;
      });
    }
  });

  const durations = [
    ["90s", 90_000],
    ["30m", 1_800_000],
    ["2h", 7_200_000],
    ["1000h", 3_600_000_000],
  ] as const;
  for (const [text, milliseconds] of durations)
    it(`parse the timeout ${text}`, () => expect(read({ "dhi:timeout": text }).timeout).to.equal(milliseconds));

  const refused: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ "dhi:timeout": "" }, /^dhi:timeout is "", which is not a duration\. Write 90s, 30m or 1h30m$/],
    [{ "dhi:timeout": "30" }, /which is not a duration/],
    [{ "dhi:timeout": "0s" }, /which is not a duration/],
    [{ "dhi:timeout": "-1s" }, /which is not a duration/],
    [{ "dhi:timeout": "1h30" }, /which is not a duration/],
    [{ "dhi:timeout": "1.5h" }, /which is not a duration/],
    [{ "dhi:timeout": "forever" }, /which is not a duration/],
    [{ "dhi:requireFresh": "yes" }, /^dhi:requireFresh is not JSON$/],
    [{ "dhi:requireFresh": '"true"' }, /^dhi:requireFresh is not true or false$/],
    [{ "dhi:deferFailures": "1" }, /^dhi:deferFailures is not true or false$/],
    [{ "dhi:packageHosts": '"mirror.example"' }, /^dhi:packageHosts is not a list$/],
    [{ "dhi:registries": "{" }, /^dhi:registries is not JSON$/],
    [{ "dhi:registries": "[]" }, /^dhi:registries is not an object$/],
    [{ "dhi:packageHosts": '["a",7]' }, /^dhi:packageHosts: \[1\] is not a string$/],
    [{ "dhi:registries": '{"ghcr.io":{"user":"x"}}' }, /^dhi:registries: \["ghcr\.io"\] has the unknown field "user"$/],
    [{ "dhi:registries": '{"ghcr.io":{"password":7}}' }, /^dhi:registries: \["ghcr\.io"\]\.password is not a string$/],
    [{ "dhi:packageSources": "[" }, /^dhi:packageSources is not JSON$/],
    [{ "dhi:registries": '{"bob:hunter2@ghcr.io":{"password":7}}' }, /^dhi:registries: \["\*\*\*@ghcr\.io"\]\.password is not a string$/],
    [{ "dhi:packageSources": '[{"url":"http://x"}]' }, /^dhi:packageSources is not an object$/],
    [{ "dhi:packageSources": '{"debian:bookworm":{"url":"http://x"}}' }, /^dhi:packageSources: \["debian:bookworm"\] is not a list$/],
    [{ "dhi:packageSources": '{"debian:bookworm":[{}]}' }, /\["debian:bookworm"\]\[0\]\.url is missing$/],
    [
      { "dhi:packageSources": '{"debian:bookworm":[{"url":"http://x","key":"k"}]}' },
      /\["debian:bookworm"\]\[0\] has the unknown field "key"$/,
    ],
    [
      { "dhi:packageSources": '{"debian:bookworm":[{"url":"http://x","allowUnsigned":"yes"}]}' },
      /\[0\]\.allowUnsigned is not true or false$/,
    ],
  ];
  for (const [config, message] of refused) {
    it(`reject ${JSON.stringify(config)}`, () =>
      expect(() => read(config)).to.throwError({ code: "invalid", message, hint: /pulumi config set/ }));
  }

  it("reject invalid numbers of jobs", () => {
    for (const jobs of ["0", "-1", "100", "two", "1.5"])
      expect(() => read({}, { DHI_JOBS: jobs })).to.throwError({ message: /^DHI_JOBS is / });
  });

  it("never repeat a value that may be secret", () => {
    for (const registries of [
      '{"ghcr.io":{"password":["hunter2"]}}',
      'hunter2"',
      '{"ghcr.io":"hunter2"}',
      '{"ghcr.io":{"password":"hunter2"',
    ])
      expect(() => read({ "dhi:registries": registries })).to.throwError(
        (thrown: Error) => !JSON.stringify([thrown.message, thrown.cause]).includes("hunter2"),
      );
    for (const packageSources of [
      '{"debian:bookworm":[{"url":["http://u:hunter2@x"]}]}',
      '{"debian:bookworm":"http://u:hunter2@x"}',
      "hunter2",
    ])
      expect(() => read({ "dhi:packageSources": packageSources })).to.throwError(
        (thrown: Error) => !JSON.stringify([thrown.message, thrown.cause]).includes("hunter2"),
      );
  });
});
