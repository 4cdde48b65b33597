import { it } from "mocha";
import type { DhiError } from "../../../provider/errors.js";
import { mergeCaCertificates } from "../../../provider/packages/root/ca-certificates.js";
import { readCertificates, subjectHash } from "../../../provider/packages/root/certificate.js";
import { LayerDraft } from "../../../provider/rootfs/layers/draft.js";
import type { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
import { expect } from "../../support/expectations.js";
import { authorityPem, leafPem, multiValuePem } from "../../support/packages/pems.js";
import { textOf, treeOf } from "../../support/packages/roots.js";

const bundle = "etc/ssl/certs/ca-certificates.crt";

function merge(
  files: Readonly<Record<string, string>>,
  pems: readonly string[],
): { tree: FileTree; notices: readonly { kind: string }[]; paths: readonly string[] } {
  const base = treeOf(files);
  const tree = base.fork();
  const draft = new LayerDraft(tree, base);
  const notices = mergeCaCertificates(tree, draft, pems, "caCertificates");
  return { tree, notices, paths: draft.entries().map(({ path }) => path) };
}

it("the hash of a subject is openssl's", () => {
  const hashes = [authorityPem, multiValuePem].map((pem) => readCertificates(pem).map(({ der }) => subjectHash(der)));
  expect(hashes).to.deep.equal([["78034776"], ["ff685b9b"]]);
});

it("certificates are added to the bundle once, kept, and found by their hash", () => {
  const { tree } = merge({ [bundle]: multiValuePem }, [authorityPem, multiValuePem, `text\n${authorityPem}`]);
  expect(textOf(tree, bundle)).to.equal(multiValuePem + authorityPem);
  const names = tree.list("usr/local/share/ca-certificates");
  expect(names.length).to.equal(2);
  expect(tree.get("etc/ssl/certs/78034776.0")?.target).to.equal(
    names.find((name) => textOf(tree, `usr/local/share/ca-certificates/${name}`) === authorityPem)?.replace(".crt", ".pem"),
  );
  expect(textOf(tree, "etc/ssl/certs/ff685b9b.0")).to.equal(multiValuePem);
});

it("a bundle that has them all is not changed", () => {
  const { paths } = merge({ [bundle]: authorityPem.replace(/\n$/, "") }, [authorityPem]);
  expect(paths).to.not.include(bundle);
});

it("a bundle behind links is written at its target; separate bundles are both written", () => {
  const real = "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem";
  const { tree } = merge(
    { [real]: "", "etc/pki/tls/certs/ca-bundle.crt": "-> /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "etc/ssl/cert.pem": "" },
    [authorityPem],
  );
  expect(tree.get("etc/pki/tls/certs/ca-bundle.crt")?.type).to.equal("symlink");
  expect([textOf(tree, real), textOf(tree, "etc/ssl/cert.pem")]).to.deep.equal([authorityPem, authorityPem]);
});

it("a Java store is a notice", () => {
  expect(merge({ [bundle]: "", "etc/ssl/certs/java/cacerts": "x" }, [authorityPem]).notices.map(({ kind }) => kind)).to.deep.equal([
    "java-store",
  ]);
});

const refusals: readonly (readonly [what: string, pems: readonly string[], property: string, message: RegExp])[] = [
  ["no PEM", [authorityPem, "hello"], "caCertificates[1]", /contains no certificate/],
  ["a private key", [`${authorityPem}-----BEGIN EC PRIVATE KEY-----\nAA==\n`], "caCertificates[0]", /private key/],
  ["a truncated certificate", [authorityPem.replace(/\n.*\n.*\n-----END/, "\n-----END")], "caCertificates[0]", /cannot be parsed/],
  ["a server's certificate", [leafPem], "caCertificates[0]", /CN=leaf.example.com, which is not an authority/],
];
for (const [what, pems, property, message] of refusals) {
  it(`${what} is rejected`, () => {
    expect(() => merge({ [bundle]: "" }, pems)).to.throwError(
      (thrown: DhiError) =>
        thrown.code === "invalid" && thrown.property === property && message.test(thrown.message) && !thrown.message.includes("AA=="),
    );
  });
}

it("without a bundle it is an error", () => {
  expect(() => merge({}, [authorityPem])).to.throwError(
    (thrown: DhiError) => thrown.code === "not-found" && thrown.property === "caCertificates",
  );
});
