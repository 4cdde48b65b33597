import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { after, before, describe, it } from "mocha";
import { Customization, Mirror, OciArtifact } from "../../sdk/index.js";
import { expect, expectThat } from "../support/expectations.js";

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
  expectThat(found, name);
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

  it("takes a range of versions as input, with outputs at every level", async () => {
    const args = { repository: "registry.example.com/python", suffix: "custom" };
    const images = [
      new Customization("plain-range", { ...args, version: { range: "^3.13", variant: "dev" } }),
      new Customization("range-of-outputs", { ...args, version: { range: pulumi.output("^3.13"), variant: pulumi.output("dev") } }),
      new Customization("output-of-range", { ...args, version: pulumi.output({ range: "^3.13", variant: "dev" }) }),
    ];
    for (const image of images) await valueOf(image.urn);
    for (const name of ["plain-range", "range-of-outputs", "output-of-range"]) {
      expect(find(name).inputs["version"], name).to.deep.equal({ range: "^3.13", variant: "dev" });
    }
  });

  it("returns the outputs that the mocks return, and undefined for the others", async () => {
    const tools = new OciArtifact("tools", { repository: "registry.example.com/tools", tag: "1" });
    const python = new Customization("python", {
      repository: "registry.example.com/python",
      version: "3.13",
      suffix: "custom",
      artifacts: [{ image: tools.ref, includes: ["/opt"] }],
    });
    expect(await valueOf(python.ref)).to.equal("registry.example.com/python@sha256:0");
    expect(await valueOf(python.tags)).to.deep.equal({ t: "sha256:0" });
    expect(await valueOf(python.digest)).to.equal(undefined);
    expect(find("python").inputs["artifacts"]).to.deep.equal([{ image: "registry.example.com/tools@sha256:0", includes: ["/opt"] }]);
    expect(Customization.isInstance(python) && !Customization.isInstance(tools) && OciArtifact.isInstance(tools)).to.equal(true);
  });

  it("registers the types and provider texts that state contains permanently", async () => {
    await valueOf(new Customization("golden", { repository: "registry.example.com/a", version: "1", suffix: "b" }).urn);
    await valueOf(new OciArtifact("golden-artifact", { repository: "registry.example.com/a", tag: "1" }).urn);
    await valueOf(
      new Mirror("golden-mirror", { source: "registry.example.com/a", destination: "registry.example.com/b", select: ["1"] }).urn,
    );
    expect(find("golden").type).to.equal("pulumi-nodejs:dynamic/dhi:Customization");
    expect(find("golden").inputs["__provider"]).to.equal('exports.handler = () => require("pulumi-dhi/provider").customization;');
    expect(find("golden-artifact").type).to.equal("pulumi-nodejs:dynamic/dhi:OciArtifact");
    expect(find("golden-artifact").inputs["__provider"]).to.equal('exports.handler = () => require("pulumi-dhi/provider").ociArtifact;');
    expect(find("golden-mirror").type).to.equal("pulumi-nodejs:dynamic/dhi:Mirror");
    expect(find("golden-mirror").inputs["__provider"]).to.equal('exports.handler = () => require("pulumi-dhi/provider").mirror;');
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
    expect((JSON.parse(String(inputs["__secrets"])) as string[][]).sort()).to.deep.equal([["cmd", 1], ["environment", "LATER"], ["environment", "TOKEN"], ["labels"]]); // prettier-ignore
    expect(inputs["__urn"]).to.equal(urn);
  });

  it("rejects the option import with a hint", () => {
    expect(
      () => new Customization("imported", { repository: "registry.example.com/a", version: "1", suffix: "b" }, { import: "some-id" }),
    ).to.throwError((thrown: unknown) => pulumi.RunError.isInstance(thrown) && /"imported".*pulumi import --file/.test(thrown.message));
  });

  it("explains how to install where the engine would not find the provider", () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "dhi-elsewhere-"));
    process.chdir(elsewhere);
    try {
      expect(() => new OciArtifact("lost", { repository: "registry.example.com/a", tag: "1" })).to.throwError(
        (thrown: unknown) => pulumi.RunError.isInstance(thrown) && thrown.message.endsWith("npm install pulumi-dhi"),
      );
    } finally {
      process.chdir(folder);
      rmSync(elsewhere, { recursive: true });
    }
  });
});
