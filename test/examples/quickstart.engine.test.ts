import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "mocha";
import { customizationKind } from "../../provider/resources/customization/customization.js";
import { makeKey } from "../support/archives/keys.js";
import { serveArchive } from "../support/archives/serve.js";
import { openProject, packageFolder, skipWithoutEngine } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { authorityPem } from "../support/packages/pems.js";
import { cleanup } from "../support/running-test.js";
import { testUnless } from "../support/skips.js";
import { openLayout, stackOutputs } from "./example.js";
import { quickstartArchive } from "./quickstart-archive.js";
import { withoutKept } from "../support/images/kept-tags.js";

it(
  "the quickstart's program publishes its images from an archive and can be run again",
  testUnless(skipWithoutEngine, async () => {
    const key = await makeKey("quickstart");
    const archive = await serveArchive(await quickstartArchive(key, authorityPem));
    cleanup(() => archive.stop());
    const project = await openProject("", "dhi-quickstart");
    cleanup(() => project.remove());
    await project.config({ "dhi:packageSources": { "debian:bookworm": [{ url: archive.url, keys: [key.armored] }] } });
    for (const path of ["Pulumi.yaml", "examples/quickstart"])
      await cp(join(packageFolder, path), join(project.folder, path), { recursive: true });
    const settings = join(project.folder, ".quickstart", "config");
    await mkdir(settings, { recursive: true });
    await cp(join(project.folder, "Pulumi.dev.yaml"), join(settings, "Pulumi.dev.yaml"));

    const preview = await project.preview();
    expect(preview.code, preview.text).to.equal(0);
    const digest = preview.step("greeter").inputs["digest"];
    const up = await project.up();
    expect(up.code, up.text).to.equal(0);
    const outputs = await stackOutputs(project);
    expect(outputs["tags"]).to.deep.equal({ "12_greeter": digest, "greeter-latest": digest });
    expect(outputs["packages"]).to.deep.equal({ curl: "1.0-1", libcurl4: "1.0-1" });
    expect(withoutKept(await openLayout(project, "oci:.quickstart/registry").listTags())).to.deep.equal([
      "12",
      "12_greeter",
      "greeter-latest",
    ]);

    archive.requests.splice(0);
    project.emptyCache();
    const again = await project.up();
    expect(again.ops).to.deep.equal({ base: "same", certs: "same", tools: "same", greeter: "same" });
    expect([...new Set(archive.requests)]).to.deep.equal(["dists/bookworm/InRelease"]);
  }),
);

it("the quickstart's customization uses every field", async () => {
  const text = await readFile(join(packageFolder, "examples", "quickstart", "index.js"), "utf8");
  const body = text.slice(text.indexOf("new dhi.Customization("));
  const declared = new Set([...body.matchAll(/^ {2}(\w+)[:,]/gm)].map(([, name]) => name));
  const left = [...customizationKind.inputs].filter((name) => !declared.has(name));
  // Fields that the wizard does not have: where else to publish, what becomes of other and earlier images, when what is new is taken, what
  // is forbidden, and two for resolving packages.
  const publishing = ["destination", "immutableTags", "keepPrevious", "minimumAge", "overwrite", "rollbackTo"];
  // Those that need keys, or judge what is there.
  const trusting = ["policy", "sign", "verify", "vex"];
  expect(left.sort()).to.deep.equal([...publishing, ...trusting, "assumeInstalled", "packageSources"].sort());
});
