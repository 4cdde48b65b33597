import { all, interpolate, output, secret, unsecret } from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { findSecretPaths } from "../../sdk/secret-paths.js";
import { expect } from "../support/expectations.js";

const paths = async (args: unknown): Promise<unknown> => JSON.parse(await findSecretPaths(args));

describe("secret paths", () => {
  const table: readonly (readonly [string, unknown, unknown])[] = [
    ["nothing", undefined, []],
    ["plain values", { a: 1, b: ["x", { c: null }], d: true, e: undefined }, []],
    ["plain outputs", { a: output("x"), b: output({ c: output(1) }) }, []],
    ["a secret", { a: secret("x") }, [["a"]]],
    ["a secret in a map", { environment: { TOKEN: secret("x"), PLAIN: "y" } }, [["environment", "TOKEN"]]],
    ["a secret in a list", { cmd: ["a", secret("b")] }, [["cmd", 1]]],
    ["a secret map", { environment: secret({ A: "1" }) }, [["environment"]]],
    ["an output that contains a secret", { a: output({ b: secret("x") }) }, [["a"]]],
    ["a promise of a secret", { a: Promise.resolve(secret("x")) }, [["a"]]],
    ["a promise of a map with one", { a: Promise.resolve({ b: [secret("x")] }) }, [["a", "b", 0]]],
    ["values derived from a secret", { a: secret("x").apply((x) => `${x}y`), b: interpolate`-${secret("z")}` }, [["a"], ["b"]]],
    ["all with one secret", { a: all([output(1), secret(2)]) }, [["a"]]],
    ["a value that is no longer secret", { a: unsecret(secret("x")) }, []],
    ["secret inputs as a whole", secret({ a: 1 }), [[]]],
    [
      "a secret in wire form",
      { a: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: { b: "x" } } },
      [["a"]],
    ],
    [
      "properties between sdk and provider",
      { __provider: secret("x"), __secrets: new Promise(() => undefined), a: { __b: secret("x") } },
      [["a", "__b"]],
    ],
    ["names with dots", { labels: { "a.b/c": secret("x") } }, [["labels", "a.b/c"]]],
  ];
  for (const [what, args, expected] of table) {
    it(`are found for ${what}`, async () => {
      const found = (await paths(args)) as readonly unknown[];
      expect(found.map((path) => JSON.stringify(path)).sort()).to.deep.equal(
        (expected as readonly unknown[]).map((path) => JSON.stringify(path)).sort(),
      );
    });
  }

  it("ignore a rejected input", async () => {
    expect(await paths({ a: Promise.reject(new Error("no")), b: secret("x") })).to.deep.equal([["b"]]);
  });

  it("contain no values", async () => {
    expect((await findSecretPaths({ a: { b: secret("hunter2") } })).includes("hunter2")).to.equal(false);
  });
});
