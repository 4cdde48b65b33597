import { it } from "mocha";
import { publishBase, skipWithoutEngine } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";
import { testUnless } from "../support/skips.js";
import { openExample, openLayout, stackOutputs } from "./example.js";

it(
  "one baseline applies to many images, and only a missing one fails",
  testUnless(skipWithoutEngine, async () => {
    const project = await openExample("baseline");
    cleanup(() => project.remove());
    await publishBase(openLayout(project, "oci:mirror/dhi-python"), "3.13", { release: "python" });
    await publishBase(openLayout(project, "oci:mirror/dhi-node"), "24", { release: "node" });
    const images = [
      { name: "dhi-python", version: "3.13" },
      { name: "dhi-node", version: "24" },
    ];
    const configure = (more: object[] = []): Promise<void> =>
      project.config({
        "dhi-example-baseline:registry": "oci:mirror",
        "dhi-example-baseline:images": [...images, ...more],
        "dhi:deferFailures": true,
      });

    await configure();
    const up = await project.up();
    expect(up.code, up.text).to.equal(0);
    const { refs } = (await stackOutputs(project)) as { refs: Record<string, string> };
    for (const { name, version } of images) {
      const tag = await openLayout(project, `oci:mirror/${name}`).headManifest(`${version}_acme`);
      expect(refs[`${name}:${version}`]).to.equal(`oci:mirror/${name}@${tag?.digest ?? ""}`);
    }
    expect(refs["dhi-python:3.13"]).to.not.equal(refs["dhi-node:24"]);
    const environment = (name: string): unknown => up.step(name).inputs["environment"];
    expect(environment("dhi-python-3.13")).to.deep.equal({ TZ: "UTC", PYTHONUNBUFFERED: "1" });
    expect(environment("dhi-node-24")).to.deep.equal({ TZ: "UTC" });

    // Besides a change to all, one image that is not mirrored.
    await project.write("files/policy.txt", "Report what you find.\n");
    await configure([{ name: "dhi-nginx", version: "1.28" }]);
    const partly = await project.up({ flags: ["--continue-on-error"] });
    expect(partly.code).to.not.equal(0);
    expect(partly.text).to.match(/dhi-nginx has no tag 1\.28\. Mirror it first/);
    expect(partly.ops).to.deep.equal({ "dhi-python-3.13": "update", "dhi-node-24": "update", "dhi-nginx-1.28": "create" });
    expect(partly.failed).to.deep.equal(["dhi-nginx-1.28"]);
    for (const { name, version } of images) {
      const tag = await openLayout(project, `oci:mirror/${name}`).headManifest(`${version}_acme`);
      expect(tag?.digest).to.not.equal(refs[`${name}:${version}`]?.split("@")[1]);
    }
  }),
);
