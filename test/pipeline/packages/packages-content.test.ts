import { after, before, describe, it } from "mocha";
import { readCertificates } from "../../../provider/packages/root/certificate.js";
import { parseReference } from "../../../provider/image/reference.js";
import { openImage } from "../../../provider/pipeline/sources/source-image.js";
import { readTree } from "../../../provider/pipeline/sources/source-layers.js";
import type { ValueMap } from "../../../provider/values.js";
import { expect, expectThat } from "../../support/expectations.js";
import { file, layerTar, type Item } from "../../support/images/layer-tar.js";
import { authorityPem, leafPem, multiValuePem } from "../../support/packages/pems.js";
import { keepRow } from "../../support/session/session.js";
import { debianBase, forBoth, installed, PackagesShop } from "./packages-shop.js";
import type { State } from "../workshop.js";

const bundle = "etc/ssl/certs/ca-certificates.crt";

describe("packages and certificates in an image", () => {
  let packages: PackagesShop;
  before(async () => {
    packages = await PackagesShop.open();
    const postinst = "#!/bin/sh\nset -e\nadduser --system --group --home /var/lib/daemon --no-create-home daemond\n";
    await packages.stock([
      ...forBoth("daemond", "1", { members: { postinst } }),
      ...forBoth("certs", "1", { files: [{ name: bundle, data: multiValuePem }] }),
    ]);
  });
  after(() => packages.close());

  let count = 0;
  const start = async (more: ValueMap, items: readonly Item[] = []): Promise<ValueMap> => {
    const at = `oci:base-${(count += 1)}`;
    await packages.shop.put(at, "1", debianBase([installed("adduser")], items));
    return { repository: at, version: "1", suffix: "p", platforms: ["linux/amd64"], packageSources: [packages.source()], ...more };
  };
  const text = async ({ outputs }: State, path: string): Promise<string> => {
    const session = packages.shop.session();
    const { repository, digest } = parseReference(outputs["ref"] as string);
    expectThat(digest);
    const manifest = await (await openImage(session, repository, digest, "base")).platforms.get("linux/amd64")?.();
    expectThat(manifest);
    const content = (await readTree(session, manifest, false, keepRow())).tree.get(path)?.content;
    return content?.from === "bytes" ? content.bytes.toString("latin1") : "";
  };
  const idOf = (passwd: string, name: string): string | undefined => new RegExp(`^${name}:x:([0-9]+:[0-9]+):`, "m").exec(passwd)?.[1];

  it("system users of packages get the first free ids, and never those that are declared", async () => {
    const free = await packages.shop.up("customization", await start({ packages: ["daemond"] }));
    expect(idOf(await text(free, "etc/passwd"), "daemond")).to.equal("100:100");
    const declared = { users: [{ name: "app", uid: 100 }], groups: [{ name: "shared", gid: 101 }] };
    const taken = await packages.shop.up("customization", await start({ packages: ["daemond"], ...declared }));
    const passwd = await text(taken, "etc/passwd");
    expect(idOf(passwd, "app")).to.equal("100:100");
    expect(idOf(passwd, "daemond")).to.equal("101:102");
  });

  const digests = (pem: string): readonly string[] => readCertificates(pem).map(({ digest }) => digest);

  it("certificates are merged into the base's bundle, each once", async () => {
    const inputs = await start({ caCertificates: [authorityPem, `${authorityPem}\n${multiValuePem}`] }, [file(bundle, multiValuePem)]);
    const state = await packages.shop.up("customization", inputs);
    expect(digests(await text(state, bundle))).to.deep.equal(digests(multiValuePem + authorityPem));
    const same = await packages.shop.up("customization", inputs, state);
    expect(same.did).to.equal("same");
  });

  it("certificates are added to a bundle of a package in the same image", async () => {
    const inputs = await start({ packages: ["certs"], caCertificates: [authorityPem] });
    const state = await packages.shop.up("customization", inputs);
    expect(digests(await text(state, bundle))).to.deep.equal(digests(multiValuePem + authorityPem));
  });

  it("certificates are added to a bundle of an artifact", async () => {
    const tar = layerTar([file(bundle, multiValuePem)]);
    await packages.shop.put("oci:bundle", "1", { platforms: [{ layers: [{ tar }] }] });
    const artifacts = [{ image: "oci:bundle:1", includes: [`/${bundle}`] }];
    const state = await packages.shop.up("customization", await start({ artifacts, caCertificates: [authorityPem] }));
    expect(digests(await text(state, bundle))).to.deep.equal(digests(multiValuePem + authorityPem));
  });

  it("certificates are added to an image from scratch", async () => {
    const made = { repository: "oci:made", tag: "1", platforms: ["linux/amd64"], distribution: "debian:bookworm" };
    const inputs = { ...made, packages: ["certs"], packageSources: [packages.source()], caCertificates: [authorityPem] };
    const state = await packages.shop.up("artifact", inputs);
    expect(digests(await text(state, bundle))).to.deep.equal(digests(multiValuePem + authorityPem));
  });

  const key = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n";
  const broken = "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n";
  const refused: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["a private key", [authorityPem, `${authorityPem}${key}`], /^caCertificates\[1\]: it contains a private key/],
    ["what is no PEM", ["hunter2"], /^caCertificates\[0\]: it contains no certificate\. Pass PEM text/],
    ["a broken certificate", [broken], /^caCertificates\[0\]: it contains a certificate that cannot be parsed/],
    ["one of no authority", [leafPem], /^caCertificates\[0\]: it is the certificate of .*, which is not an authority/],
  ];
  for (const [what, caCertificates, message] of refused) {
    it(`certificates reject ${what}`, async () => {
      const inputs = await start({ caCertificates }, [file(bundle, multiValuePem)]);
      const [failure, ...others] = await packages.refusals(inputs);
      expect(failure ?? "").to.match(message);
      expect(JSON.stringify([failure, others]), failure).to.not.include("hunter2");
      expect(await packages.shop.head(inputs["repository"] as string, "1_p")).to.equal(undefined);
    });
  }

  it("certificates without a bundle are an error", async () => {
    const [failure] = await packages.refusals(await start({ caCertificates: [authorityPem] }));
    expect(failure ?? "").to.match(/^caCertificates: the image has no bundle of CA certificates .*Add the package ca-certificates/);
  });

  it("certificates cause a notice when there is a Java key store", async () => {
    const items = [file(bundle, multiValuePem), file("etc/ssl/certs/java/cacerts", "store")];
    const { outputs } = await packages.shop.up("customization", await start({ caCertificates: [authorityPem] }, items));
    expect(JSON.stringify(outputs["notices"])).to.match(/"java-store"/);
  });
});
