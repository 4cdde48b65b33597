import { describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import type { ValueMap } from "../../../provider/values.js";
import { baseParts, changed, checkWith } from "../../pipeline/workshop.js";
import { expect } from "../../support/expectations.js";
import { openRipeningStage } from "./ripening-stage.js";

describe("suffixAllTags, while the base is held", () => {
  const stage = openRipeningStage();
  const tagsOf = ({ tags }: ValueMap): readonly string[] => Object.keys(tags as ValueMap).sort();
  /** 3.13 and 3.13.1 are one image. */
  const start = async () => {
    const repository = stage.base();
    const put = (content: string) => Promise.all(["3.13", "3.13.1"].map((tag) => stage.shop.put(repository, tag, baseParts(content))));
    await put("1");
    return { put, inputs: { repository, version: "3.13", suffix: "x", suffixAllTags: true } };
  };

  it("by minimumAge, keeps the tags that state has, and follows when the new base is old enough", async () => {
    const { put, inputs } = await start();
    const wanted = { ...inputs, minimumAge: "3d" };
    const state = await stage.shop.up("customization", wanted, undefined, stage.at(0));
    await put("2");
    await stage.shop.put(inputs.repository, "3", baseParts("2"));
    const seen = await stage.shop.up("customization", wanted, state, stage.at(1));
    expect(seen.outputs["digest"]).to.equal(state.outputs["digest"]);
    expect(tagsOf(seen.outputs)).to.deep.equal(["3.13.1_x", "3.13_x"]);
    const taken = await stage.shop.up("customization", wanted, seen, stage.at(4));
    expect(taken.outputs["digest"]).to.not.equal(state.outputs["digest"]);
    expect(tagsOf(taken.outputs)).to.deep.equal(["3.13.1_x", "3.13_x", "3_x"]);
  });

  it("by rollbackTo, moves all tags back, and asks the base's repository for nothing", async () => {
    const { put, inputs } = await start();
    const first = await stage.shop.up("customization", inputs);
    await put("2");
    const second = await stage.shop.up("customization", inputs, first);
    const back = { ...inputs, rollbackTo: first.outputs["digest"] as string };
    const unlisted = changed(stage.shop.session(), () => ({
      listTags: () => Promise.reject(new DhiError("unavailable", "the tags are listed")),
    }));
    const left = await stage.shop.up("customization", back, second, unlisted);
    expect(left.outputs["tags"]).to.deep.equal({ "3.13_x": first.outputs["digest"], "3.13.1_x": first.outputs["digest"] });
    expect((await stage.shop.up("customization", back, left)).did).to.equal("same");
    expect((await stage.shop.up("customization", inputs, left)).outputs["digest"]).to.equal(second.outputs["digest"]);
  });

  it("is refused with immutable tags", async () => {
    const { inputs } = await start();
    const { failures } = await checkWith(stage.shop.session(), "customization", { news: { ...inputs, immutableTags: true } });
    expect(failures.map(({ property, reason }) => `${property}: ${reason}`)).to.deep.equal([
      "suffixAllTags: adds tags that would have to move with each image, which immutableTags rules out. Remove one of the two",
    ]);
  });
});
