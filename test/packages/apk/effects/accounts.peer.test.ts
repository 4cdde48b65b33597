import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { it } from "mocha";
import { ScriptWorld } from "../../../../provider/packages/apk/effects/script-world.js";
import { RootEditor } from "../../../../provider/packages/root/root-editor.js";
import { LayerDraft } from "../../../../provider/rootfs/layers/draft.js";
import { expect } from "../../../support/expectations.js";
import { textOf, treeOf } from "../../../support/packages/roots.js";
import { testUnless } from "../../../support/skips.js";
import { inRoot, withoutChroot, withRoot } from "../install/alpine-root.js";

const files = ["etc/passwd", "etc/group", "etc/shadow"];
const name = fc.constantFrom("one", "two", "three", "four", "ntp", "root");
const id = fc.constantFrom("70", "100", "101", "123", "1000", "1001", "4000");
const optional = <T extends string>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<string> => fc.oneof(fc.constant(""), arbitrary);

const addgroup = fc
  .tuple(optional(fc.constant("-S")), optional(id.map((number) => `-g ${number}`)), name)
  .map((words) => ["addgroup", ...words].join(" "));
const addmember = fc.tuple(fc.constantFrom("addgroup", "adduser"), name, name).map((words) => words.join(" "));
const adduser = fc
  .tuple(
    optional(fc.constant("-S")),
    optional(id.map((number) => `-u ${number}`)),
    optional(name.map((group) => `-G ${group}`)),
    optional(fc.constantFrom("-h /var/lib/x", "-h /nowhere/x", "-H", "-h /var/empty -H")),
    optional(fc.constantFrom("-s /sbin/nologin", "-s /bin/false")),
    optional(fc.constantFrom("-g one", "-g 'The user'")),
    name,
  )
  .map((words) => ["adduser -D", ...words].join(" "));
const script = fc.array(fc.oneof(addgroup, addmember, adduser), { minLength: 1, maxLength: 8 }).map((lines) => lines.join("\n"));

const dayless = (text: string): string => text.replace(/^([^:]+:!:)[0-9]*:/gm, "$1:");

/** Lines that have to do with the drawn names. */
const changesIn = (text: string): string => text.replace(/^(?!.*(?:one|two|three|four|ntp|root|home|user)).*\n/gm, "");

/** What is in the files afterwards, and who has which home. */
const report = `cat ${files.map((file) => `/${file}`).join(" ")}; for home in /home/* /var/lib/x /nowhere/x; do [ -e $home ] && stat -c "%n %a %u %g" $home; done`;

it(
  "accounts are what busybox makes of them, on drawn scripts",
  testUnless(withoutChroot, () => {
    const seed = Number(process.env["DHI_SEED"] ?? randomInt(2 ** 31));
    const scripts = fc.sample(script, { numRuns: process.env["DHI_LONG"] === undefined ? 40 : 1000, seed });
    withRoot((root) => {
      const base = treeOf({
        ...Object.fromEntries(files.map((file) => [file, readFileSync(join(root, file), "latin1")])),
        home: "dir",
        "var/lib": "dir",
        "var/empty": "dir",
      });
      const runs = scripts.map(
        (text, at) => `(${text}\n) > /dev/null 2>&1; echo "== ${String(at)}"; ${report}; cp /saved/* /etc/; rm -rf /home/* /var/lib/x\n`,
      );
      const keep = `mkdir /saved; cp -p ${files.map((file) => `/${file}`).join(" ")} /saved\n`;
      const printed = inRoot(root, "sh -s", `${keep}${runs.join("")}`);
      const expected = printed.split(/^== [0-9]+\n/m).slice(1);
      expect(expected.length).to.equal(scripts.length);
      scripts.forEach((text, at) => {
        const tree = base.fork();
        const editor = new RootEditor(tree, new LayerDraft(tree, base));
        const world = new ScriptWorld(editor, { uids: new Set(), gids: new Set() });
        world.run("drawn", "pre-install", `#!/bin/sh\n${text}\n`, ["1-r0"]);
        editor.flush();
        const homes = [...tree.list("home").map((one) => `home/${one}`), "var/lib/x", "nowhere/x"].flatMap((path) => {
          const node = tree.get(path);
          return node === undefined ? [] : [`/${path} ${node.mode.toString(8)} ${String(node.uid)} ${String(node.gid)}\n`];
        });
        const found = [...files.map((file) => textOf(tree, file) ?? ""), ...homes].join("");
        const same = dayless(found) === dayless(expected[at] ?? "");
        expect(same, `${text}\n(DHI_SEED=${String(seed)})\n${changesIn(found)}instead of\n${changesIn(expected[at] ?? "")}`).to.equal(true);
      });
    });
  }),
);
