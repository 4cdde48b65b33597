import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readTool } from "../../scripts/go-build.mjs";
import { testTools } from "../../scripts/tools.mjs";

describe("tools", () => {
  for (const name of ["pulumi", "pulumi-language-nodejs", ...testTools]) {
    it(`pins ${name} with checksums of what it is built from`, () => {
      const { folder, command, module, version } = readTool(name);
      expect(version).to.match(/^\d+\.\d+\.\d+$/);
      expect(command.startsWith(`${module}/`) && command.endsWith(`/${name}`)).to.equal(true);
      expect(readFileSync(join(folder, "go.sum"), "utf8")).to.include(`${module} v${version} h1:`);
    });
  }

  it("takes the CLI at the version of the SDK that we develop with", () => {
    const { devDependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(devDependencies["@pulumi/pulumi"]).to.equal(`^${readTool("pulumi").version}`);
  });
});
