import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { DhiError } from "../../../provider/errors.js";
import { mergeCaCertificates } from "../../../provider/packages/root/ca-certificates.js";
import { readCertificates, subjectHash } from "../../../provider/packages/root/certificate.js";
import { LayerDraft } from "../../../provider/rootfs/layers/draft.js";
import type { FileTree } from "../../../provider/rootfs/tree/file-tree.js";
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

test("the hash of a subject is openssl's", () => {
  const hashes = [authorityPem, multiValuePem].map((pem) => readCertificates(pem).map(({ der }) => subjectHash(der)));
  assert.deepEqual(hashes, [["78034776"], ["ff685b9b"]]);
});

test("certificates are added to the bundle once, kept, and found by their hash", () => {
  const { tree } = merge({ [bundle]: multiValuePem }, [authorityPem, multiValuePem, `text\n${authorityPem}`]);
  assert.equal(textOf(tree, bundle), multiValuePem + authorityPem);
  const names = tree.list("usr/local/share/ca-certificates");
  assert.equal(names.length, 2);
  assert.equal(
    tree.get("etc/ssl/certs/78034776.0")?.target,
    names.find((name) => textOf(tree, `usr/local/share/ca-certificates/${name}`) === authorityPem)?.replace(".crt", ".pem"),
  );
  assert.equal(textOf(tree, "etc/ssl/certs/ff685b9b.0"), multiValuePem);
});

test("a bundle that has them all is not changed", () => {
  const { paths } = merge({ [bundle]: authorityPem.replace(/\n$/, "") }, [authorityPem]);
  assert(!paths.includes(bundle));
});

test("a bundle behind links is written at its target; separate bundles are both written", () => {
  const real = "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem";
  const { tree } = merge(
    { [real]: "", "etc/pki/tls/certs/ca-bundle.crt": "-> /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "etc/ssl/cert.pem": "" },
    [authorityPem],
  );
  assert.equal(tree.get("etc/pki/tls/certs/ca-bundle.crt")?.type, "symlink");
  assert.deepEqual([textOf(tree, real), textOf(tree, "etc/ssl/cert.pem")], [authorityPem, authorityPem]);
});

test("a Java store is a notice", () => {
  assert.deepEqual(
    merge({ [bundle]: "", "etc/ssl/certs/java/cacerts": "x" }, [authorityPem]).notices.map(({ kind }) => kind),
    ["java-store"],
  );
});

const refusals: readonly (readonly [what: string, pems: readonly string[], property: string, message: RegExp])[] = [
  ["no PEM", [authorityPem, "hello"], "caCertificates[1]", /contains no certificate/],
  ["a private key", [`${authorityPem}-----BEGIN EC PRIVATE KEY-----\nAA==\n`], "caCertificates[0]", /private key/],
  ["a truncated certificate", [authorityPem.replace(/\n.*\n.*\n-----END/, "\n-----END")], "caCertificates[0]", /cannot be parsed/],
  ["a server's certificate", [leafPem], "caCertificates[0]", /CN=leaf.example.com, which is not an authority/],
];
for (const [what, pems, property, message] of refusals) {
  test(`${what} is rejected`, () => {
    assert.throws(
      () => merge({ [bundle]: "" }, pems),
      (thrown: DhiError) =>
        thrown.code === "invalid" && thrown.property === property && message.test(thrown.message) && !thrown.message.includes("AA=="),
    );
  });
}

test("without a bundle it is an error", () => {
  assert.throws(
    () => merge({}, [authorityPem]),
    (thrown: DhiError) => thrown.code === "not-found" && thrown.property === "caCertificates",
  );
});
