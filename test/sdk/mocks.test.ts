import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Customization, OciArtifact } from "../../sdk/index.js";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const registered: Registered[] = [];
const cwd = process.cwd();
let folder: string;

function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

const find = (name: string): Registered => {
  const found = registered.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
};

describe("a program under setMocks", () => {
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "dhi-mocks-"));
    // Where the engine would look for the provider.
    mkdirSync(join(folder, "node_modules", "pulumi-dhi"), { recursive: true });
    writeFileSync(join(folder, "node_modules", "pulumi-dhi", "package.json"), JSON.stringify({ name: "pulumi-dhi" }));
    process.chdir(folder);
    await pulumi.runtime.setMocks(
      {
        call: () => ({}),
        newResource: ({ type, name, inputs }) => {
          registered.push({ type, name, inputs: inputs as Registered["inputs"] });
          return {
            id: `${name}-id`,
            state: { ...(inputs as object), ref: `registry.example.com/${name}@sha256:0`, tags: { t: "sha256:0" } },
          };
        },
      },
      "project",
      "stack",
      false,
    );
  });
  after(() => {
    process.chdir(cwd);
    rmSync(folder, { recursive: true, force: true });
  });

  it("returns the outputs that the mocks return, and undefined for the others", async () => {
    const tools = new OciArtifact("tools", { repository: "registry.example.com/tools", tag: "1" });
    const python = new Customization("python", {
      repository: "registry.example.com/python",
      version: "3.13",
      suffix: "custom",
      artifacts: [{ image: tools.ref, includes: ["/opt"] }],
    });
    assert.equal(await valueOf(python.ref), "registry.example.com/python@sha256:0");
    assert.deepEqual(await valueOf(python.tags), { t: "sha256:0" });
    assert.equal(await valueOf(python.digest), undefined);
    assert.deepEqual(find("python").inputs["artifacts"], [{ image: "registry.example.com/tools@sha256:0", includes: ["/opt"] }]);
    assert.ok(Customization.isInstance(python) && !Customization.isInstance(tools) && OciArtifact.isInstance(tools));
  });

  it("registers the types and provider texts that state contains permanently", async () => {
    await valueOf(new Customization("golden", { repository: "registry.example.com/a", version: "1", suffix: "b" }).urn);
    await valueOf(new OciArtifact("golden-artifact", { repository: "registry.example.com/a", tag: "1" }).urn);
    assert.equal(find("golden").type, "pulumi-nodejs:dynamic/dhi:Customization");
    assert.equal(find("golden").inputs["__provider"], 'exports.handler = () => require("pulumi-dhi/provider").customization;');
    assert.equal(find("golden-artifact").type, "pulumi-nodejs:dynamic/dhi:OciArtifact");
    assert.equal(find("golden-artifact").inputs["__provider"], 'exports.handler = () => require("pulumi-dhi/provider").ociArtifact;');
  });

  it("passes the paths of secrets and the URN to the provider", async () => {
    const image = new Customization("secret", {
      repository: "registry.example.com/a",
      version: "1",
      suffix: "b",
      environment: { PLAIN: "1", TOKEN: pulumi.secret("hidden"), LATER: pulumi.output(Promise.resolve(pulumi.secret("too"))) },
      labels: pulumi.secret({ a: "b" }),
      cmd: ["a", pulumi.interpolate`b ${pulumi.secret("c")}`],
    });
    const urn = await valueOf(image.urn);
    const { inputs } = find("secret");
    assert.deepEqual((JSON.parse(String(inputs["__secrets"])) as string[][]).sort(), [["cmd", 1], ["environment", "LATER"], ["environment", "TOKEN"], ["labels"]]); // prettier-ignore
    assert.equal(inputs["__urn"], urn);
  });

  it("rejects the option import with a hint", () => {
    assert.throws(
      () => new Customization("imported", { repository: "registry.example.com/a", version: "1", suffix: "b" }, { import: "some-id" }),
      (thrown: unknown) => pulumi.RunError.isInstance(thrown) && /"imported".*pulumi import --file/.test(thrown.message),
    );
  });

  it("explains how to install where the engine would not find the provider", () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "dhi-elsewhere-"));
    process.chdir(elsewhere);
    try {
      assert.throws(
        () => new OciArtifact("lost", { repository: "registry.example.com/a", tag: "1" }),
        (thrown: unknown) => pulumi.RunError.isInstance(thrown) && thrown.message.endsWith("npm install pulumi-dhi"),
      );
    } finally {
      process.chdir(folder);
      rmSync(elsewhere, { recursive: true });
    }
  });
});
