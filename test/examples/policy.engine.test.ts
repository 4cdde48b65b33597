import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { publishBase, skipWithoutEngine, type EngineProject } from "../support/engine/index.js";
import { packageFolder } from "../support/package-folder.js";
import { expect } from "../support/expectations.js";
import { suiteUnless } from "../support/skips.js";
import { openExample, openLayout } from "./example.js";

/** What the language host does for a folder, where it is new enough: the engine also takes a program. */
const start = `#!/bin/sh
cd "$(dirname "$0")" && exec node "$(node -p 'require.resolve("@pulumi/pulumi/cmd/run-policy-pack")')" "$1" .
`;

describe(
  "policies are judged at preview",
  suiteUnless(skipWithoutEngine, () => {
    let project: EngineProject;
    before(async () => {
      project = await openExample("policy");
      // With its types: the pack is checked before it runs.
      await symlink(join(packageFolder, "node_modules", "@pulumi", "policy"), join(project.folder, "node_modules", "@pulumi", "policy"));
      await project.write("pack/start", start, 0o755);
      for (const version of ["3.12", "3.13"]) await publishBase(openLayout(project, "oci:images/python"), version);
    });
    after(() => project.remove());
    const preview = async (config: Readonly<Record<string, string>>): Promise<{ readonly code: number | null; readonly text: string }> => {
      const all = Object.entries({ repository: "oci:images/python", version: "3.13", ...config });
      await project.config(Object.fromEntries(all.map(([key, value]) => [`dhi-example-policy:${key}`, value])));
      return project.preview({ flags: ["--policy-pack", "pack/start"] });
    };

    it("by the image's own, as failures of check", async () => {
      const { code, text } = await preview({ runAs: "root" });
      expect(code, text).to.not.equal(0);
      expect(text).to.match(/policy\.forbidRoot: the image runs as root: its user is "0" \(linux\/amd64\)\. Set runAs to another user/);
      expect(text).to.match(/✅ images@v1\.0\.0/);
    });

    it("by a policy pack, which sees inputs and outputs", async () => {
      const { code, text } = await preview({ version: "3.12" });
      expect(code, text).to.not.equal(0);
      expect(text).to.match(
        /❌ images@v1\.0\.0 [^\n]*\n\s+- \[mandatory\]\s+supported-base\s+\(pulumi-nodejs:dynamic\/dhi:Customization: app\)/,
      );
      expect(text).to.match(/its base is 3\.12 \(sha256:[0-9a-f]{64}\), not one of 3\.13, 3\.14/);
      expect(text.match(/\[mandatory\]/g)).to.have.length(1);
    });
  }),
);
