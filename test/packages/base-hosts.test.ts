import { strict as assert } from "node:assert";
import { it } from "node:test";
import { baseHostNotices } from "../../provider/packages/base-hosts.js";
import type { UsedArchive } from "../../provider/packages/family.js";

const archive = (url: string, origin: UsedArchive["origin"] = "base"): UsedArchive => ({
  family: "debian",
  url,
  suite: "bookworm",
  components: ["main"],
  origin,
  digest: "sha256:0",
});

it("each host that a base alone names is told once", () => {
  const archives = [
    archive("http://b.example:8080/debian"),
    archive("http://b.example:8080/debian-security"),
    archive("https://a.example/debian"),
    archive("https://named.example/debian"),
    archive("https://user.example/debian", "packageSources"),
    archive("https://user.example/debian", "stack config"),
    archive("https://user.example/debian", "machine"),
    archive("http://deb.debian.org/debian"),
    archive("http://security.debian.org/debian-security"),
    archive("https://dl-cdn.alpinelinux.org/alpine/v3.19/main/x86_64"),
    archive("https://deb.debian.org.evil.example/debian"),
  ];
  const notices = baseHostNotices(archives, (url) => url.includes("named.example"));
  assert.deepEqual(
    notices.map(({ kind, message }) => [kind, message]),
    ["a.example", "b.example:8080", "deb.debian.org.evil.example"].map((host) => [
      "base-archive",
      `packages come from ${host}, which the base alone names: list it in dhi:packageHosts if that is meant`,
    ]),
  );
});
