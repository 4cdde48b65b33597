import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { ApkIndex } from "../../../../provider/packages/apk/archive/package-index.js";
import { resolveApk, type ResolveOptions } from "../../../../provider/packages/apk/resolve/resolver.js";
import { formatWorld, parseWorld } from "../../../../provider/packages/apk/resolve/world.js";
import { answer, compare } from "../../../support/apk/compare.js";
import { asked, madeRepository, readBase } from "../../../support/apk/made-case.js";
import { ApkRoot, type Simulation } from "../../../support/apk/root.js";
import { draw } from "../../../support/apt/draw.js";
import { expect } from "../../../support/expectations.js";
import { note } from "../../../support/running-test.js";
import { suiteUnless } from "../../../support/skips.js";
import { alpine, withoutChroot } from "../install/alpine-root.js";
import { readApkIndexText } from "../archive/index-text.js";

const seed = Number(process.env["DHI_SEED"] ?? 1);
/** From so many requests on apk takes some and refuses some. */
const enough = 40;
const isLong = process.env["DHI_LONG"] !== undefined;

/** Requests of one kind: how many, and how the names that were drawn are written. */
interface Kind {
  readonly what: string;
  readonly short: number;
  readonly long: number;
  readonly size: number;
  readonly write: (names: readonly string[]) => readonly string[];
}

const same = (names: readonly string[]): readonly string[] => names;

/** Alpine's root filesystem, alone and with some of its own packages added by apk itself, so that install_if adds more; and an empty root. */
const bases = [
  { what: "its root filesystem", packages: [], share: 1, isEmpty: false },
  { what: "a larger base", packages: ["git", "openrc", "doas", "jq", "e2fsprogs"], share: 0.2, isEmpty: false },
  { what: "nothing at all", packages: [], share: 0.2, isEmpty: true },
] as const;

for (const { what, packages, share, isEmpty } of bases) {
  describe(
    `what apk 2.14 would add from Alpine's main to ${what}, seed ${String(seed)}`,
    suiteUnless(withoutChroot, () => {
      let root: ApkRoot;
      let folders: readonly string[] = [];
      let index: ApkIndex;
      let options: Omit<ResolveOptions, "requests">;

      before(async () => {
        const folder = join(alpine ?? "", "main");
        root = await ApkRoot.open();
        await root.copy(folder, "repo/main");
        await root.setRepositories([{ path: "/repo/main" }]);
        if (packages.length > 0) await root.add(packages);
        if (isEmpty) folders = [await root.addCase("empty", { base: "", world: "", repositories: [] })];
        if (isEmpty) await root.write("case/empty/etc/apk/repositories", "/repo/main\n");
        const repository = madeRepository(0);
        index = new ApkIndex([{ text: readApkIndexText(join(folder, "x86_64")), repository, what: "main" }]);
        options = {
          installed: isEmpty ? [] : readBase((await root.read("lib/apk/db/installed")).replace(/^[FMRaZ]:.*\n/gm, "")),
          world: isEmpty ? [] : parseWorld(await root.read("etc/apk/world")),
          lookup: index,
          repositories: [repository],
          architecture: "x86_64",
        };
      });
      after(() => root.close());

      async function check(requests: readonly (readonly string[])[]): Promise<readonly Simulation[]> {
        const simulations = await root.simulate(
          requests,
          requests.flatMap(() => folders),
        );
        const differences = simulations.flatMap((apk, at) => {
          const difference = compare(apk, answer({ ...options, requests: asked(requests[at] ?? []) }));
          return difference === "" ? [] : [`${requests[at]?.join(" ") ?? ""}: ${difference}`];
        });
        const count = (has: (apk: Simulation) => boolean): string => String(simulations.filter(has).length);
        const refused = count(({ kind }) => kind === "refuses");
        const takes = count(({ removed, downgraded }) => removed.length + downgraded.length > 0);
        note(
          `${String(requests.length)} requests: apk refuses ${refused}, takes from the base ${takes}, ${String(differences.length)} differ`,
        );
        expect(differences).to.deep.equal([]);
        return simulations;
      }

      const kinds: readonly Kind[] = [
        { what: "one name each", short: 40, long: 300, size: 1, write: same },
        { what: "two names", short: 5, long: 100, size: 2, write: same },
        { what: "three names", short: 5, long: 100, size: 3, write: same },
        { what: "a name and one that is forbidden", short: 5, long: 100, size: 2, write: ([one = "", other = ""]) => [one, `!${other}`] },
      ];
      for (const { what, short, long, size, write } of kinds) {
        const count = Math.ceil((isLong ? long : short) * share);
        it(`${what}, ${String(count)} times`, async () => {
          const drawn = draw([...index.names()].toSorted(), count * size, seed);
          const requests = Array.from({ length: count }, (_, at) => write(drawn.slice(at * size, (at + 1) * size)));
          const simulations = await check(requests);
          const refused = simulations.filter(({ kind }) => kind === "refuses").length;
          expect(
            refused * 2 < count || count < enough,
            `apk refuses ${String(refused)} of ${String(count)}: the repository is not what it should be`,
          ).to.equal(true);
        });
      }

      it("what is provided: so:, cmd:, pc: and plain names", async () => {
        const names = [...index.provided()].filter((name) => !name.startsWith("/")).toSorted();
        const of = (prefix: string): readonly string[] => names.filter((name) => name.startsWith(prefix));
        const plain = names.filter((name) => !name.includes(":"));
        const count = (isLong ? 80 : 4) * share;
        await check([of("so:"), of("cmd:"), of("pc:"), plain].flatMap((all) => draw(all, Math.ceil(count), seed)).map((name) => [name]));
      });

      it("a name with a version, the right one, one that begins it, or another's", async () => {
        const drawn = draw([...index.names()].toSorted(), (isLong ? 150 : 9) * share, seed + 1);
        const requests = drawn.map((name, at) => {
          const version = index.named(name)[0]?.version ?? "";
          const written = [`=${version}`, `~${version.split(/[._-]/)[0] ?? ""}`, "=1.0-r0"][at % 3] ?? "";
          return [`${name}${written}`];
        });
        await check(requests);
      });

      it("a package and one that it needs, forbidden", async () => {
        const drawn = draw([...index.names()].toSorted(), (isLong ? 200 : 10) * share, seed + 2);
        const requests = drawn.flatMap((name, at) => {
          const depends = index.named(name)[0]?.depends ?? [];
          const one = depends[at % Math.max(1, depends.length)];
          return one === undefined || one.conflict || one.name.startsWith("/") ? [] : [[name, `!${one.name}`]];
        });
        const simulations = await check(requests);
        expect(simulations.some(({ kind }) => kind === "refuses") || simulations.length < enough).to.equal(true);
      });

      it("what brings more in with it", async () => {
        await check([
          ["docs"],
          ["docs", "git"],
          ["openrc", "nginx"],
          ["pyc", "py3-setuptools"],
          ["bash-completion", "git"],
          ["busybox-binsh"],
          ["alpine-base"],
        ]);
      });

      // apk writes world with packages, which this would have to have whole.
      if (isEmpty) return;
      it("world is written as apk writes it", async () => {
        const requests = [
          ["busybox"],
          ["zlib", "!nginx", "musl~1.2", "alpine-keys"],
          [`busybox=${options.installed.find(({ name }) => name === "busybox")?.version ?? ""}`, "!Zzz", "!aaa", "ssl_client"],
          ["so:libz.so.1", "cmd:apk", "libc-utils"],
        ];
        for (const request of requests) {
          const { world, added } = resolveApk({ ...options, requests: asked(request) });
          expect(added).to.deep.equal([]);
          expect(formatWorld(world)).to.equal(await root.addToWorld(request));
        }
      });
    }),
  );
}
