import fc from "fast-check";
import { it } from "mocha";
import { compareLibraryNames, formatLdSoCache, parseLdSoCache, type CachedLibrary } from "../../../provider/packages/root/ld-so-cache.js";
import { updateLdSoCache } from "../../../provider/packages/root/ld-so-scan.js";
import { RootEditor } from "../../../provider/packages/root/root-editor.js";
import { LayerDraft } from "../../../provider/rootfs/layers/draft.js";
import { expect } from "../../support/expectations.js";
import { treeOf } from "../../support/packages/roots.js";

const name = fc.stringMatching(/^lib[a-z0-9.]{1,8}\.so(\.[0-9]{1,3})?$/);
const library: fc.Arbitrary<CachedLibrary> = fc
  .record({
    name,
    folder: fc.constantFrom("/lib", "/usr/lib/x86_64-linux-gnu"),
    flags: fc.constantFrom(3, 0x303),
    hwcap: fc.option(fc.constantFrom("x86-64-v2", "x86-64-v3")),
  })
  .map(({ name: text, folder, flags, hwcap }) => ({
    name: text,
    path: `${folder}/${text}`,
    flags,
    osVersion: 0,
    ...(hwcap === null ? { hwcapBits: 0n } : { hwcap, hwcapBits: (1n << 62n) | (2n << 32n) }),
  }));
const keyOf = ({ name: text, path, flags, hwcap = "" }: CachedLibrary): string => `${text} ${path} ${String(flags)} ${hwcap}`;

it("a written cache is read back, whatever the order of its libraries", () => {
  fc.assert(
    fc.property(fc.uniqueArray(library, { selector: keyOf }), (libraries) => {
      const bytes = formatLdSoCache({ libraries, generator: "g" });
      const read = parseLdSoCache(bytes);
      expect(read.generator).to.equal("g");
      expect(read.libraries.map(keyOf).sort()).to.deep.equal(libraries.map(keyOf).sort());
      expect(formatLdSoCache({ libraries: [...read.libraries].reverse(), generator: "g" }).length).to.deep.equal(bytes.length);
      expect(formatLdSoCache(read)).to.deep.equal(bytes);
    }),
  );
});

it("names compare as in the loader", () => {
  const names = ["libx.so.10", "libx.so.9", "libx.so", "liba.so", "libx2.so"];
  expect([...names].sort(compareLibraryNames)).to.deep.equal(["liba.so", "libx.so", "libx.so.9", "libx.so.10", "libx2.so"]);
});

it("an invalid cache is rejected", () => {
  for (const text of ["", "ld.so-1.7.0", "glibc-ld.so.cache1.1\xff\xff\xff\x00"])
    expect(() => parseLdSoCache(Buffer.from(text, "latin1"))).to.throw(/ld\.so\.cache/);
});

const facts = { bits: 64, machine: 62, flags: 0 } as const;

function update(
  files: Readonly<Record<string, string>>,
  libraries: Readonly<Record<string, string>>,
  generator?: string,
): readonly string[] | undefined {
  const base = treeOf(files);
  const editor = new RootEditor(base, new LayerDraft(base, base.fork()));
  updateLdSoCache(
    editor,
    new Map(Object.entries(libraries).map(([path, soname]) => [path, { ...facts, soname }])),
    "x86_64-linux-gnu",
    generator,
  );
  const bytes = editor.read("etc/ld.so.cache");
  return bytes === undefined ? undefined : parseLdSoCache(bytes).libraries.map(({ path }) => path);
}

const root = {
  lib: "-> usr/lib",
  "etc/ld.so.conf": "include /etc/ld.so.conf.d/*.conf\n",
  "etc/ld.so.conf.d/a.conf": "# x\n/opt/a/lib\n",
  "etc/ld.so.conf.d/x.conf": "/lib/x86_64-linux-gnu\n/usr/lib/x86_64-linux-gnu\n",
  "usr/lib/x86_64-linux-gnu/libb.so.1": "-> libb.so.1.2",
  "usr/lib/x86_64-linux-gnu/libb.so": "-> libb.so.1",
  "usr/lib/x86_64-linux-gnu/libb.so.1.2": "b",
  "opt/a/lib/liba-0.so": "a",
};
const found = { "usr/lib/x86_64-linux-gnu/libb.so.1.2": "libb.so.1", "opt/a/lib/liba-0.so": "liba.so.0", "srv/libx.so": "libx.so" };

it("libraries are found in the configured directories, by the names in the configuration", () => {
  const own = ["/lib/x86_64-linux-gnu/libb.so.1", "/lib/x86_64-linux-gnu/libb.so", "/opt/a/lib/liba.so.0"];
  expect(update(root, found, "g")).to.deep.equal(own);
});

it("a root without a cache gets none, except from scratch", () => {
  expect(update(root, found)).to.equal(undefined);
});

it("entries of the base stay where their files do", () => {
  const entry = (path: string): CachedLibrary => ({ name: "libold.so.1", path, flags: 0x303, osVersion: 0, hwcapBits: 0n });
  const old = formatLdSoCache({ libraries: [entry("/usr/lib/libold.so.1"), entry("/usr/lib/libgone.so.1")], generator: "old" });
  const files = { ...root, "usr/lib/libold.so.1": "", "etc/ld.so.cache": old.toString("latin1") };
  expect(update(files, { "opt/a/lib/liba-0.so": "liba.so.0" })).to.deep.equal(["/usr/lib/libold.so.1", "/opt/a/lib/liba.so.0"]);
});
