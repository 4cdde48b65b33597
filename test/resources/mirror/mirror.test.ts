import { afterEach, beforeEach, describe, it } from "mocha";
import { DhiError } from "../../../provider/errors.js";
import { parseRepository } from "../../../provider/image/reference.js";
import { PartialFailure } from "../../../provider/pipeline/partial-failure.js";
import { unknown, type ValueMap } from "../../../provider/values.js";
import { baseParts, checkWith, Workshop } from "../../pipeline/workshop.js";
import { makeImage } from "../../support/images/image.js";
import { expect, expectThat } from "../../support/expectations.js";
import { failing } from "../../support/session/failing.js";
import { lifecycles } from "../../support/session/publish.js";
import { keepRow } from "../../support/session/session.js";

const { mirror } = lifecycles;
const inputs: ValueMap = { source: "oci:from", destination: "oci:to", select: ["3.*"] };

describe("a mirror between layouts", () => {
  let shop: Workshop;
  beforeEach(async () => {
    shop = await Workshop.open();
  });
  afterEach(() => shop.remove());

  const put = (tag: string, release: string): Promise<string> => shop.put("oci:from", tag, baseParts(release));
  const refused = async (news: ValueMap, olds: ValueMap = {}): Promise<readonly string[]> =>
    (await checkWith(shop.session(), "mirror", { news, olds })).failures.map(({ property, reason }) =>
      property === "" ? reason : `${property}: ${reason}`,
    );

  it("copies what is selected, with its digests, says what moves, and is done the second time", async () => {
    const [one, two] = [await put("3.12", "one"), await put("3.13", "two")];
    await put("4.0", "other");
    const state = await shop.up("mirror", inputs);
    expect(state.id).to.equal("oci:to");
    expect(state.outputs["repository"]).to.equal("oci:to");
    expect(state.outputs["images"]).to.deep.equal({ "3.12": one, "3.13": two });
    expect(state.outputs["reasons"]).to.deep.equal([`3.12: ${one.slice(0, 19)} is new`, `3.13: ${two.slice(0, 19)} is new`]);
    expect(state.lines.at(-1)).to.match(/^info: oci:to: .* 2 tags moved/);
    expect(await shop.head("oci:to", "3.12")).to.equal(one);
    expect(await shop.head("oci:to", "4.0")).to.equal(undefined);
    const again = await shop.up("mirror", inputs, state);
    expect(again.did).to.equal("same");
    expect(again.inputs["reasons"]).to.deep.equal(state.outputs["reasons"]);
  });

  it("follows a tag that moves, and leaves one that is no longer selected", async () => {
    const one = await put("3.12", "one");
    const old = await put("3.13", "two");
    const state = await shop.up("mirror", inputs);
    const moved = await put("3.13", "three");
    const next = await shop.up("mirror", { ...inputs, select: ["3.13"] }, state);
    expect(next.did).to.equal("update");
    expect(next.outputs["images"]).to.deep.equal({ "3.13": moved });
    expect(next.inputs["replaced"]).to.deep.equal({ "3.13": old });
    expect(next.outputs["reasons"]).to.deep.equal([
      `3.13: ${old.slice(0, 19)} → ${moved.slice(0, 19)}`,
      "3.12: no longer mirrored, and stays as it is",
    ]);
    expect(await shop.head("oci:to", "3.13")).to.equal(moved);
    expect(await shop.head("oci:to", "3.12")).to.equal(one);
  });

  it("refuses a tag that it did not mirror, adopts one with the same digest, and replaces with overwrite", async () => {
    const wanted = await put("3.13", "two");
    const foreign = await shop.put("oci:to", "3.13", baseParts("foreign"));
    expect(await refused(inputs)).to.deep.equal([
      `select[0]: the tag 3.13 in oci:to points at ${foreign}, which was not mirrored. Select other tags, name another destination, or set overwrite: true to replace it`,
    ]);
    const state = await shop.up("mirror", { ...inputs, overwrite: true });
    expect(await shop.head("oci:to", "3.13")).to.equal(wanted);
    expect((await shop.up("mirror", inputs)).outputs["images"]).to.deep.equal(state.outputs["images"]);
  });

  it("sees in refresh what moved or went, keeps knowing what is its own, and repairs it without one", async () => {
    const [one, two] = [await put("3.12", "one"), await put("3.13", "two")];
    const state = await shop.up("mirror", inputs);
    await shop.session().repositories.open(parseRepository("oci:to")).deleteTag("3.12");
    const read = await mirror.read(shop.session(), state.id, state.outputs);
    expect(read?.outputs["images"]).to.deep.equal({ "3.13": two });
    expect(read?.outputs["copied"]).to.deep.equal({ "3.12": one });
    expectThat(read);
    expect((await mirror.read(shop.session(), state.id, read.outputs))?.outputs["copied"]).to.deep.equal({ "3.12": one });
    const refreshed = await shop.up("mirror", inputs, { ...state, inputs: read.outputs, outputs: read.outputs });
    expect(refreshed.outputs["reasons"]).to.deep.equal([`3.12: ${one.slice(0, 19)} is missing at the destination`]);
    expect(refreshed.outputs).to.not.have.property("copied");
    for (const round of [1, 2]) {
      await shop.session().repositories.open(parseRepository("oci:to")).deleteTag("3.12");
      const repaired = await shop.up("mirror", inputs, round === 1 ? state : refreshed);
      expect(repaired.did, String(round)).to.equal("update");
      expect(await shop.head("oci:to", "3.12")).to.equal(one);
    }
  });

  it("does not take a tag that somebody else moved, also after a refresh", async () => {
    await put("3.13", "two");
    const state = await shop.up("mirror", inputs);
    const foreign = await shop.put("oci:to", "3.13", baseParts("foreign"));
    expect(await refused(inputs, state.inputs)).to.have.length(1);
    const read = await mirror.read(shop.session(), state.id, state.outputs);
    expectThat(read);
    expect(read.outputs["images"]).to.deep.equal({ "3.13": foreign });
    expect(await refused(inputs, read.outputs)).to.have.length(1);
  });

  it("leaves the images when it is deleted, unless deleteImages, and then only those that it copied", async () => {
    const one = await put("3.12", "one");
    await put("3.13", "two");
    const state = await shop.up("mirror", inputs);
    await mirror.delete(shop.session(), state.id, state.outputs, keepRow());
    expect(await shop.head("oci:to", "3.12")).to.equal(one);
    const foreign = await shop.put("oci:to", "3.13", baseParts("foreign"));
    const row = keepRow();
    await mirror.delete(shop.session(), state.id, { ...state.outputs, deleteImages: true }, row);
    expect(await shop.head("oci:to", "3.12")).to.equal(undefined);
    expect(await shop.head("oci:to", "3.13")).to.equal(foreign);
    expect(row.lines).to.deep.equal([`warning: the tag 3.13 stays in oci:to: it points at ${foreign}, which is not the digest in state`]);
  });

  it("replaces itself for another destination, and for nothing else", async () => {
    await put("3.13", "two");
    const state = await shop.up("mirror", inputs);
    expect((await shop.up("mirror", { ...inputs, destination: "oci:else" }, state)).did).to.equal("replace destination");
    await shop.put("oci:second", "3.13", baseParts("two"));
    expect((await shop.up("mirror", { ...inputs, source: "oci:second" }, state)).did).to.equal("update");
  });

  it("stays as it is while the source cannot be asked, unless its inputs changed or dhi:requireFresh is set", async () => {
    await put("3.13", "two");
    const state = await shop.up("mirror", inputs);
    const down = new DhiError("unavailable", "the registry answered 503");
    for (const place of ["oci:from", "oci:to"]) {
      const broken = (settings = {}) =>
        failing(shop.session(settings), (_, __, repository) =>
          repository.kind === "layout" && `oci:${repository.path}` === place ? down : undefined,
        );
      const kept = await shop.up("mirror", inputs, state, broken());
      expect(kept.did, place).to.equal("same");
      expect(kept.lines.join(), place).to.match(/warning: kept as it is: .*503/);
      await expect(shop.up("mirror", { ...inputs, select: ["3.13"] }, state, broken())).to.be.rejectedWith(/503/);
      await expect(shop.up("mirror", inputs, state, broken({ requireFresh: true }))).to.be.rejectedWith(/503/);
    }
  });

  it("keeps in state what is true when a tag is refused half way, and goes on from there", async () => {
    const [before, kept] = [await put("3.12", "one"), await put("3.13", "two")];
    const state = await shop.up("mirror", inputs);
    const after = await put("3.12", "one again");
    await put("3.13", "two again");
    const checked = await checkWith(shop.session(), "mirror", { news: inputs, olds: state.inputs });
    const wanted = { ...checked.inputs, ...checked.derived };
    const session = failing(shop.session(), (method, reference) =>
      method === "putManifest" && reference === "3.13" ? new DhiError("unauthorized", "no") : undefined,
    );
    const failure: unknown = await mirror.update(session, state.id, state.outputs, wanted, keepRow()).catch((thrown: unknown) => thrown);
    expectThat(failure instanceof PartialFailure);
    expect(failure.reasons[0]).to.match(/1 of 2 tags were moved/);
    expect(failure.outputs["images"]).to.deep.equal({ "3.12": after, "3.13": kept });
    expect(before).to.not.equal(after);
    // The engine keeps the new inputs; on another machine nothing but these tells whose the tags are. The source moves on meanwhile.
    const latest = await put("3.13", "two at last");
    shop.loseCache();
    const next = await shop.up("mirror", inputs, { ...state, inputs: wanted, outputs: failure.outputs });
    expect(next.did).to.equal("update");
    expect(await shop.head("oci:to", "3.13")).to.equal(latest);
  });

  it("knows the tags of an update that was killed, from the same machine", async () => {
    await put("3.13", "two");
    const urn = "urn:pulumi:s::p::pulumi-nodejs:dynamic/dhi:Mirror::m";
    const state = await shop.up("mirror", inputs);
    await put("3.13", "three");
    const session = shop.session();
    const checked = await checkWith(session, "mirror", { news: inputs, olds: state.inputs, urn });
    await mirror.update(session, state.id, state.outputs, { ...checked.inputs, ...checked.derived }, keepRow());
    await put("3.13", "four");
    const next = await checkWith(shop.session(), "mirror", { news: inputs, olds: state.inputs, urn });
    expect(next.failures).to.deep.equal([]);
  });

  it("says what is wrong with its inputs", async () => {
    await put("3.13", "two");
    const cases: readonly (readonly [ValueMap, RegExp])[] = [
      [{ ...inputs, select: [{ range: "^4" }] }, /^select\[0\]: oci:from has no tag in \^4; it has 3\.13\. Change range or variant/],
      [{ ...inputs, select: [{ range: "three" }] }, /^select\[0\]\.range: "three" is not a valid range/],
      [{ ...inputs, select: [3] }, /^select\[0\]: is neither a tag, nor a glob, nor a range/],
      [{ ...inputs, select: [] }, /^select: is empty\. Give tags or globs/],
      [{ ...inputs, select: ["a b"] }, /^select\[0\]: "a b" is neither a tag nor a glob/],
      [{ ...inputs, select: ["[a"] }, /^select\[0\]: .*unclosed bracket/],
      [{ ...inputs, select: ["9.9"] }, /^select\[0\]: oci:from has no tag 9\.9\. Name a tag that is there/],
      [{ ...inputs, select: ["3.13", "9.*"] }, /^select\[1\]: no tag of oci:from matches 9\.\*/],
      [{ ...inputs, destination: "oci:from" }, /^destination: is the source, oci:from, itself/],
      [{ ...inputs, destination: "oci:from/../from" }, /^destination: is the source/],
      [{ ...inputs, platforms: ["linux/amd64"] }, /has no property "platforms"/],
      [{ ...inputs, referrers: "yes" }, /^referrers: /],
      [{ source: "oci:from", destination: "oci:to" }, /^select: is missing\. Give a list of tags, globs and ranges/],
    ];
    for (const [news, message] of cases) {
      const [first, ...more] = await refused(news);
      expect(first).to.match(message);
      expect(more, first).to.deep.equal([]);
    }
    const secret = await checkWith(shop.session(), "mirror", { news: inputs, secrets: [["source"]] });
    expect(secret.failures[0]?.reason).to.match(/is a secret/);
  });

  it("refuses another mirror of the same destination, and another resource's tag", async () => {
    await put("3.13", "two");
    const session = shop.session();
    expect((await checkWith(session, "mirror", { news: inputs, urn: "urn:a" })).failures).to.deep.equal([]);
    const second = await checkWith(session, "mirror", { news: { ...inputs, destination: "oci:./to" }, urn: "urn:b" });
    expect(second.failures[0]?.reason).to.match(/another Mirror of this program has the destination oci:\.\/to too/);
    const image = { repository: "oci:from", version: "3.13", destination: "oci:to" };
    const taken = await checkWith(session, "customization", { news: image, urn: "urn:c" });
    expect(taken.failures[0]?.reason).to.match(/another resource of this program also publishes oci:to:3\.13/);
  });

  it("leaves what follows from unknown inputs unknown, and names its repository", async () => {
    const { derived, failures } = await checkWith(shop.session(), "mirror", { news: { ...inputs, source: unknown } });
    expect(failures).to.deep.equal([]);
    expect(derived).to.deep.equal({ repository: "oci:to", images: unknown, attached: unknown, reasons: unknown });
    const all = await checkWith(shop.session(), "mirror", { news: { ...inputs, destination: unknown } });
    expect(all.derived["repository"]).to.equal(unknown);
  });

  it("leaves a failure to its update where failures are deferred", async () => {
    const session = shop.session({ deferFailures: true });
    const { derived, failures, lines } = await checkWith(session, "mirror", { news: inputs });
    expect(failures).to.deep.equal([]);
    expect(lines[0]).to.match(/^error: .*no tag of oci:from matches 3\.\*/);
    await expect(mirror.create(session, { ...inputs, ...derived }, keepRow())).to.be.rejectedWithError({
      code: "invalid",
      message: /no tag of/,
    });
  });

  it("copies every tag in a range of its variant", async () => {
    const one = await put("3.13.1", "one");
    const two = await put("3.13.2", "two");
    for (const other of ["3.12.9", "3.13.2-dev", "4.0"]) await put(other, other);
    const state = await shop.up("mirror", { ...inputs, select: [{ range: "~3.13" }] });
    expect(state.outputs["images"]).to.deep.equal({ "3.13.1": one, "3.13.2": two });
    const next = await put("3.13.3", "three");
    const moved = await shop.up("mirror", { ...inputs, select: [{ range: "~3.13" }] }, state);
    expect(moved.outputs["images"]).to.deep.equal({ "3.13.1": one, "3.13.2": two, "3.13.3": next });
    const dev = await shop.up("mirror", { ...inputs, destination: "oci:dev", select: [{ range: "^3", variant: "dev" }] });
    expect(Object.keys(dev.outputs["images"] ?? {})).to.deep.equal(["3.13.2-dev"]);
  });

  it("is read by another program by the name of its destination", async () => {
    const digest = await put("3.13", "two");
    await shop.up("mirror", inputs);
    const read = await mirror.read(shop.session(), "oci:to", {});
    expect(read).to.deep.equal({ outputs: { repository: "oci:to", images: { "3.13": digest }, reasons: [] }, inputs: undefined });
  });

  it("copies a single manifest and one of Docker's types too", async () => {
    const { platforms } = baseParts("single");
    const single = await shop.put("oci:from", "3.1", { platforms: platforms.slice(0, 1), single: true });
    const docker = await shop.put("oci:from", "3.2", { platforms, docker: true, attestations: true });
    const state = await shop.up("mirror", inputs);
    expect(state.outputs["images"]).to.deep.equal({ "3.1": single, "3.2": docker });
    expect(await shop.head("oci:to", "3.2")).to.equal(docker);
    for (const { digest } of makeImage({ platforms, docker: true, attestations: true }).manifests)
      expect(await shop.head("oci:to", digest), digest).to.equal(digest);
  });
});
