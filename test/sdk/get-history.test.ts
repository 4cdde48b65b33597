import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { after, before, describe, it } from "mocha";
import { Customization, getHistory, getHistoryOutput } from "../../sdk/index.js";
import { expect } from "../support/expectations.js";

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const cwd = process.cwd();
let folder: string;

function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

describe("getHistory under setMocks", () => {
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "dhi-history-"));
    mkdirSync(join(folder, "node_modules", "pulumi-dhi"), { recursive: true });
    writeFileSync(join(folder, "node_modules", "pulumi-dhi", "package.json"), JSON.stringify({ name: "pulumi-dhi" }));
    process.chdir(folder);
    await pulumi.runtime.setMocks(
      {
        call: () => ({}),
        newResource: ({ name, inputs }) => {
          const repository = `registry.example.com/${name}`;
          return {
            id: `${name}-id`,
            state: {
              ...(inputs as object),
              ref: `${repository}@${digest("1")}`,
              asBase: { repository, version: `1_a@${digest("1")}` },
              __history: [
                { digest: digest("2"), tag: "1_a-222222222222", reasons: ["the base moved"] },
                { digest: digest("1"), reasons: ["new image"] },
              ],
              __published: { [digest("2")]: "2026-01-02T03:04:05.000Z" },
            },
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

  it("tells what state says of an image of the program, whose current one may be an older one", async () => {
    const { ref } = new Customization("image", { repository: "registry.example.com/base", version: "1", suffix: "a" });
    const expected = [
      {
        digest: digest("2"),
        tag: "1_a-222222222222",
        current: false,
        published: "2026-01-02T03:04:05.000Z",
        reasons: ["the base moved"],
      },
      { digest: digest("1"), tag: "1_a", current: true, reasons: ["new image"] },
    ];
    expect(await valueOf(getHistoryOutput({ ref }))).to.deep.equal(expected);
    expect(await getHistory({ ref: await valueOf(ref) })).to.deep.equal(expected);
  });

  it("rejects what does not name an image", async () => {
    await expect(getHistory({ ref: "registry.example.com/base" })).to.be.rejectedWith(/getHistory: ref: .*neither tag nor digest/);
  });
});
