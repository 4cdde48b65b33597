import { it } from "mocha";
import { publishBase, skipWithoutEngine } from "../support/engine/index.js";
import { expect } from "../support/expectations.js";
import { cleanup } from "../support/running-test.js";
import { testUnless } from "../support/skips.js";
import { openExample, openLayout, stackOutputs } from "./example.js";

it(
  "a repository is mirrored and one of its images customized, in one program",
  testUnless(skipWithoutEngine, async () => {
    const project = await openExample("mirror");
    cleanup(() => project.remove());
    const [one, two] = [
      await publishBase(openLayout(project, "oci:upstream"), "3.13", { release: "one" }),
      await publishBase(openLayout(project, "oci:upstream"), "3.14-dev", { release: "two" }),
    ];
    await project.config({
      "dhi-example-mirror:source": "oci:upstream",
      "dhi-example-mirror:registry": "oci:mirror",
      "dhi-example-mirror:select": ["3.13", "3.14*"],
    });

    const preview = await project.preview();
    expect(preview.code, preview.text).to.equal(0);
    expect(preview.step("python").inputs["images"]).to.deep.equal({ "3.13": one, "3.14-dev": two });
    const up = await project.up();
    expect(up.code, up.text).to.equal(0);
    const { images, ref } = await stackOutputs(project);
    expect(images).to.deep.equal({ "3.13": one, "3.14-dev": two });
    expect(ref).to.equal(`oci:mirror/dhi-python@${String(preview.step("python-custom").inputs["digest"])}`);
    expect((await openLayout(project, "oci:mirror/dhi-python").headManifest("3.14-dev"))?.digest).to.equal(two);
  }),
);
