import { after, before, describe, it } from "mocha";
import { unknown, type ValueMap } from "../../../provider/values.js";
import type { Session } from "../../../provider/pipeline/session.js";
import { expect } from "../../support/expectations.js";
import { directory, file, layerTar } from "../../support/images/layer-tar.js";
import type { ImageParts } from "../../support/images/image.js";
import { baseParts, changed, checkWith, Workshop } from "../workshop.js";

const token = `ghp_${"b".repeat(36)}`;

describe("a policy", () => {
  let shop: Workshop;
  before(async () => {
    shop = await Workshop.open();
    const tar = layerTar([
      file("etc/passwd", "root:x:0:0:root:/root:\napp:x:1001:1001::/:\n"),
      directory("bin"),
      file("bin/bash", "x", { mode: 0o755 }),
    ]);
    const config = { User: "app", Labels: { "com.docker.dhi.date.end-of-life": "2030-06-30", "com.docker.dhi.compliance": "cis" } };
    const platforms = ["linux/amd64", "linux/arm64"].map((platform) => ({ platform, layers: [{ tar }], config }));
    await shop.put("oci:base", "1", { platforms });
    await shop.put("oci:plain", "1", baseParts("1"));
    const secret = layerTar([file("opt/key", `x ${token}`), file("opt/su", "su", { mode: 0o4755 })]);
    const differing: ImageParts["platforms"] = [
      { platform: "linux/amd64", layers: [{ tar: secret }] },
      { platform: "linux/arm64", layers: [{ tar: layerTar([file("opt/key", "none")]) }] },
    ];
    await shop.put("oci:tools", "1", { platforms: differing });
  });
  after(() => shop.remove());

  const inputs: ValueMap = { repository: "oci:base", version: "1", suffix: "p" };
  const at = (time: string, settings = {}): Session => ({ ...shop.session(settings), now: () => Date.parse(time) });
  const failures = async (news: ValueMap, session = shop.session(), olds: ValueMap = {}): Promise<readonly string[]> =>
    (await checkWith(session, "customization", { news: { ...inputs, ...news }, olds })).failures.map(
      ({ property, reason }) => property + reason,
    );

  it("reports every violation at once, with its rule, platforms and way out", async () => {
    const found = await failures({
      artifacts: [{ image: "oci:tools:1", includes: ["/opt"] }],
      environment: { TOKEN: token },
      runAs: "root",
      policy: {
        ...{ forbidRoot: true, forbidShell: true, forbidSetuid: true, forbidSecrets: true, requireSignedInputs: true },
        ...{ maximumGrowthBytes: 10, noticesAsErrors: ["label-dropped", "shell-added"] },
      },
    });
    const both = "(linux/amd64, linux/arm64)";
    const patterns = [
      /^policy\.forbidRoot: the image runs as root: its user is "0" \(both\)\. Set runAs to another user$/,
      /^policy\.forbidShell: the image has a shell: \/bin\/bash \(both\)\. Use a base without a shell, and/,
      /^policy\.forbidSetuid: files that run with other rights are added: \/opt\/su \(setuid\) \(linux\/amd64\)\. Leave them out, or/,
      /^policy\.forbidSecrets: secrets are added: a GitHub token in environment\.TOKEN, a GitHub token in \/opt\/key \(linux\/amd64\)\. Leave/,
      /^policy\.maximumGrowthBytes: the added layers have [\d,]+ bytes, more than 10 \(linux\/amd64\)\. Add less, or raise the limit$/,
      /^policy\.forbidSecrets: secrets are added: a GitHub token in environment\.TOKEN \(linux\/arm64\)\. Leave/,
      /^policy\.maximumGrowthBytes: the added layers have [\d,]+ bytes, more than 10 \(linux\/arm64\)/,
      /^policy\.requireSignedInputs: nothing verifies the signature of the base oci:base:1\. Declare verify, or dhi:verify in stack config$/,
      /^policy\.requireSignedInputs: nothing verifies the signature of the artifact oci:tools:1\. Declare verify of artifacts\[0\], or/,
      /^policy\.noticesAsErrors: the notice label-dropped: the label com\.docker\.dhi\.compliance of the base is dropped, .*take label-dropped out/,
    ];
    expect(found.map((one) => one.replace(both, "(both)"))).to.have.length(patterns.length);
    for (const [place, pattern] of patterns.entries()) expect((found[place] ?? "").replace(both, "(both)")).to.match(pattern);
    expect(found.join()).to.not.include("bbbb");
  });

  it("lets an image pass that keeps it, with the bytes that it has without", async () => {
    const script = { scripts: [{ path: "/opt/x", content: "x", uid: 0, gid: 0, mode: "0755" }] };
    const policy = { forbidRoot: true, forbidSetuid: true, forbidSecrets: true, forbidPackageManager: true, forbidEndOfLife: true };
    const plain = await checkWith(shop.session(), "customization", { news: { ...inputs, ...script } });
    const judged = await checkWith(shop.session(), "customization", { news: { ...inputs, ...script, policy } });
    expect(judged.failures).to.deep.equal([]);
    expect(judged.derived).to.deep.equal(plain.derived);
  });

  it("reads no file of a base for a change of the config, unless a rule is about files", async () => {
    const reads = async (policy?: ValueMap): Promise<number> => {
      shop.loseCache();
      let blobs = 0;
      const counting = changed(shop.session(), (inner) => ({
        readBlob: (descriptor) => {
          blobs += 1;
          return inner.readBlob(descriptor);
        },
      }));
      const news = { ...inputs, environment: { A: "1" }, ...(policy === undefined ? {} : { policy }) };
      await checkWith(counting, "customization", { news });
      return blobs;
    };
    const none = await reads();
    expect(await reads({ forbidSetuid: true, forbidSecrets: true, maximumGrowthBytes: 1, requireSignedInputs: true })).to.equal(none);
    expect(await reads({ forbidShell: true })).to.be.above(none);
  });

  it("judges an unchanged image again by the time, and by the notices that it has now", async () => {
    const policy = { forbidEndOfLife: true, noticesAsErrors: ["secret-in-image"] };
    const news = { ...inputs, suffix: "kept", environment: { A: "1" }, policy };
    const state = await shop.up("customization", news, undefined, at("2030-06-30T00:00:00Z"));
    const again = (session: Session, secrets: readonly (readonly string[])[] = []) =>
      checkWith(session, "customization", { news, olds: state.outputs, secrets });
    expect((await again(at("2030-06-30T23:00:00Z"))).failures).to.deep.equal([]);
    const late = await again(at("2030-07-01T00:00:00Z"));
    expect(late.failures.map(({ reason }) => reason)).to.deep.equal([
      "policy.forbidEndOfLife: the base is past its end of life: 2030-06-30 (linux/amd64, linux/arm64). Move to a version that is still supported",
    ]);
    const marked = await again(at("2030-06-30T00:00:00Z"), [["environment", "A"]]);
    expect(marked.failures.map(({ reason }) => reason)).to.have.length(1);
    expect(marked.failures[0]?.reason).to.match(/^policy\.noticesAsErrors: the notice secret-in-image: environment\.A is a secret/);
  });

  it("leaves an unchanged image as it is while its base cannot be read, unless freshness is required", async () => {
    const news = { ...inputs, suffix: "away", policy: { forbidEndOfLife: true } };
    const state = await shop.up("customization", news);
    const away = (requireFresh: boolean): Session => {
      shop.loseCache();
      return changed(shop.session({ requireFresh }), () => ({ getManifest: () => Promise.resolve(undefined) }));
    };
    const { failures: none, lines } = await checkWith(away(false), "customization", { news, olds: state.outputs });
    expect(none).to.deep.equal([]);
    expect(lines.join()).to.match(/warning: policy\.forbidEndOfLife is not judged: .*does not exist/);
    expect((await checkWith(away(true), "customization", { news, olds: state.outputs })).failures).to.have.length(1);
  });

  it("is judged once its inputs are known", async () => {
    const open: readonly ValueMap[] = [{ environment: { A: unknown } }, { policy: { forbidShell: unknown } }, { policy: unknown }];
    for (const more of open) {
      expect(await failures({ policy: { forbidShell: true }, ...more })).to.deep.equal([]);
    }
  });

  it("lets an image fail alone with deferFailures", async () => {
    const news = { ...inputs, policy: { forbidShell: true, forbidRoot: true }, runAs: "root" };
    const { failures: none, derived } = await checkWith(shop.session({ deferFailures: true }), "customization", { news });
    expect(none).to.deep.equal([]);
    expect(derived["failure"]).to.match(/^policy\.forbidRoot: .*\npolicy\.forbidShell: /);
  });

  it("is for images from scratch too", async () => {
    const news = {
      repository: "oci:own",
      tag: "1",
      files: [],
      policy: { forbidRoot: true, requireSignedInputs: true, forbidEndOfLife: true },
    };
    const { failures: found } = await checkWith(shop.session(), "artifact", { news });
    expect(found.map(({ reason }) => reason)).to.deep.equal([
      "policy.forbidRoot: the image runs as root: it has no user (linux/amd64, linux/arm64). Set runAs to another user",
    ]);
  });
});
