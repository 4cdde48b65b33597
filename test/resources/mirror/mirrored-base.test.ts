import { afterEach, beforeEach, describe, it } from "mocha";
import type { ValueMap } from "../../../provider/values.js";
import { baseParts, checkWith, Workshop } from "../../pipeline/workshop.js";
import { expect } from "../../support/expectations.js";

const inputs: ValueMap = { source: "oci:from", destination: "oci:to", select: ["3.*"] };

describe("a customization of an image that the same operation mirrors", () => {
  let shop: Workshop;
  beforeEach(async () => {
    shop = await Workshop.open();
  });
  afterEach(() => shop.remove());
  const image: ValueMap = { repository: "oci:to", version: "3.13", suffix: "custom", cmd: ["x"] };

  it("is previewed from the source, and comes to the same digest once it is mirrored", async () => {
    await shop.put("oci:from", "3.13", baseParts("two"));
    const preview = shop.session();
    expect((await checkWith(preview, "mirror", { news: inputs })).failures).to.deep.equal([]);
    const promised = await checkWith(preview, "customization", { news: image });
    expect(promised.failures).to.deep.equal([]);
    expect(await shop.head("oci:to", "3.13")).to.equal(undefined);
    shop.loseCache();
    const up = shop.session();
    await shop.up("mirror", inputs, undefined, up);
    const state = await shop.up("customization", image, undefined, up);
    expect(state.outputs["digest"]).to.equal(promised.derived["digest"]);
    expect(await shop.head("oci:to", "3.13_custom")).to.equal(state.outputs["digest"]);
  });

  it("is composed on what the tag will be once the source has moved", async () => {
    await shop.put("oci:from", "3.13", baseParts("two"));
    const mirrored = await shop.up("mirror", inputs);
    const moved = await shop.put("oci:from", "3.13", baseParts("three"));
    const preview = shop.session();
    await checkWith(preview, "mirror", { news: inputs, olds: mirrored.inputs });
    const { derived } = await checkWith(preview, "customization", { news: image });
    expect((derived["base"] as ValueMap)["digest"]).to.equal(moved);
  });

  it("is told of a tag that is not mirrored", async () => {
    await shop.put("oci:from", "3.13", baseParts("two"));
    const session = shop.session();
    await checkWith(session, "mirror", { news: inputs });
    const { failures } = await checkWith(session, "customization", { news: { ...image, version: "4.0" } });
    expect(failures[0]?.reason).to.match(/oci:to has no tag 4\.0\. Mirror it first/);
  });

  it("does not read from the source what will not be copied", async () => {
    await shop.put("oci:from", "3.13", baseParts("two"));
    const other = await shop.put("oci:from", "4.0", baseParts("four"));
    const session = shop.session();
    await checkWith(session, "mirror", { news: inputs });
    const { failures } = await checkWith(session, "customization", { news: { ...image, version: `4.0@${other}` } });
    expect(failures[0]?.reason).to.match(/does not exist/);
  });
});
