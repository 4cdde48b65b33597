import { afterEach, beforeEach, describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { PartialFailure } from "../../../provider/pipeline/partial-failure.js";
import type { ValueMap } from "../../../provider/values.js";
import { baseParts, checkWith, Workshop } from "../../pipeline/workshop.js";
import { expect, expectThat } from "../../support/expectations.js";
import { failing } from "../../support/session/failing.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";

const { mirror } = lifecycles;
const inputs: ValueMap = { source: "oci:from", destination: "oci:to", select: ["3.*"] };

describe("a tag that a mirror takes over with overwrite", () => {
  let shop: Workshop;
  beforeEach(async () => {
    shop = await Workshop.open();
  });
  afterEach(() => shop.remove());

  it("is not the mirror's own before it has been moved, and is not deleted with it", async () => {
    for (const tag of ["3.12", "3.13"]) await shop.put("oci:from", tag, baseParts(tag));
    const foreign = await shop.put("oci:to", "3.13", baseParts("foreign"));
    const news = { ...inputs, overwrite: true, deleteImages: true };
    const checked = await checkWith(shop.session(), "mirror", { news });
    const session = failing(shop.session(), (method, reference) =>
      method === "putManifest" && reference === "3.13" ? new DhiError("unauthorized", "no") : undefined,
    );
    const failure: unknown = await mirror
      .create(session, { ...checked.inputs, ...checked.derived }, keepRow())
      .catch((thrown: unknown) => thrown);
    expectThat(failure instanceof PartialFailure);
    expect(Object.keys(failure.outputs["images"] as ValueMap)).to.deep.equal(["3.12"]);
    await mirror.delete(shop.session(), "oci:to", failure.outputs, keepRow());
    expect(await shop.head("oci:to", "3.12")).to.equal(undefined);
    expect(await shop.head("oci:to", "3.13")).to.equal(foreign);
  });

  it("is refused without overwrite when its owner has pushed it again", async () => {
    const mirrored = await shop.put("oci:from", "3.13", baseParts("two"));
    const foreign = await shop.put("oci:to", "3.13", baseParts("foreign"));
    const state = await shop.up("mirror", { ...inputs, overwrite: true });
    expect(await shop.head("oci:to", "3.13")).to.equal(mirrored);
    expect(await shop.put("oci:to", "3.13", baseParts("foreign"))).to.equal(foreign);
    const { failures } = await checkWith(shop.session(), "mirror", { news: inputs, olds: state.inputs });
    expect(failures.map(({ reason }) => reason).join()).to.match(/the tag 3\.13 in oci:to points at .*, which was not mirrored/);
  });

  it("survives the deletion of the resource that had it, also while the mirror's check fails", async () => {
    const image = { repository: "oci:base", version: "1", destination: "oci:to", additionalTags: ["3.13"] };
    await shop.put("oci:base", "1", baseParts("base"));
    const old = await shop.up("customization", image);
    const session = shop.session({ deferFailures: true });
    const news = { ...inputs, select: ["3.13"] };
    expect((await checkWith(session, "mirror", { news, urn: "urn:m" })).lines[0]).to.match(/^error: /);
    await lifecycles.customization.delete(session, old.id, old.outputs, keepRow());
    expect(await shop.head("oci:to", "3.13")).to.equal(old.outputs["digest"]);
    expect(await shop.head("oci:to", "1")).to.equal(undefined);
  });
});
