import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readTool } from "../../scripts/go-build.mjs";
import { testTools } from "../../scripts/tools.mjs";

describe("tools", () => {
  for (const name of ["pulumi", "pulumi-language-nodejs", ...testTools]) {
    it(`pins ${name} with checksums of what it is built from`, () => {
      const { folder, command, module, version } = readTool(name);
      assert.match(version, /^\d+\.\d+\.\d+$/);
      assert.ok(command.startsWith(`${module}/`) && command.endsWith(`/${name}`));
      assert.ok(readFileSync(join(folder, "go.sum"), "utf8").includes(`${module} v${version} h1:`));
    });
  }

  it("takes the CLI at the version of the SDK that we develop with", () => {
    const { devDependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    assert.equal(devDependencies["@pulumi/pulumi"], `^${readTool("pulumi").version}`);
  });
});
