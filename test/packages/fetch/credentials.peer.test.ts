import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { before, describe, it } from "mocha";
import { buildArchive, type ArchiveFiles } from "../../support/archives/archive.js";
import { makeKey, type ArchiveKey } from "../../support/archives/keys.js";
import { serveArchive } from "../../support/archives/serve.js";
import { expect } from "../../support/expectations.js";
import { suiteUnless } from "../../support/skips.js";
import { reader } from "./fetching.js";

const run = promisify(execFile);
const skip = spawnSync("apt-get", ["--version"]).status === 0 ? false : "apt-get is missing";

let key: ArchiveKey;
let files: ArchiveFiles;
before(async () => {
  key = await makeKey("archive");
  files = await buildArchive([{ suite: "bookworm", packages: { main: [{ name: "tool" }] }, keys: [key] }]);
});

/** Has apt itself read the archive, with nothing of this machine's. */
async function update(url: string, place: string): Promise<void> {
  for (const path of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(place, path), { recursive: true });
  writeFileSync(join(place, "key.asc"), key.armored);
  writeFileSync(join(place, "sources.list"), `deb [signed-by=${join(place, "key.asc")}] ${url} bookworm main\n`);
  const options = [
    `Dir::Etc::sourcelist=${join(place, "sources.list")}`,
    "Dir::Etc::sourceparts=-",
    `Dir::Etc::netrc=${join(place, "auth.conf")}`,
    `Dir::Etc::netrcparts=${join(place, "auth.conf.d")}`,
    `Dir::State::lists=${join(place, "lists")}`,
    `Dir::Cache=${join(place, "cache")}`,
    "APT::Sandbox::User=",
    "Debug::NoLocking=1",
  ];
  await run("apt-get", ["update", "-q", ...options.flatMap((option) => ["-o", option])], {
    env: { PATH: process.env["PATH"], HOME: place, LC_ALL: "C" },
  });
}

/** Where a login is for, with `HOST` and `PORT` of the archive, in which file, and whether ours is sent where apt's is not: on loopback nobody listens. */
const cases: readonly (readonly [place: string, file: string, more?: "ours alone"])[] = [
  ["http://HOST:PORT", "auth.conf"],
  ["http://HOST:PORT", "auth.conf.d/a.conf"],
  ["http://HOST:PORT", "auth.conf.d/without-ending"],
  ["http://HOST:PORT", "auth.conf.d/a.txt"],
  ["http://HOST", "auth.conf"],
  ["http://HOST:1", "auth.conf"],
  ["http://localhost:PORT", "auth.conf"],
  ["https://HOST:PORT", "auth.conf"],
  ["http://HOST:PORT/deb", "auth.conf"],
  ["http://HOST:PORT/debian/", "auth.conf"],
  ["http://HOST:PORT/debian/dists/bookworm/In", "auth.conf"],
  ["http://HOST:PORT/other", "auth.conf"],
  ["HOST", "auth.conf", "ours alone"],
  ["HOST:PORT", "auth.conf.d/a.conf", "ours alone"],
];

describe(
  "a login goes where apt sends it:",
  suiteUnless(skip, () => {
    for (const [form, file, more] of cases)
      it(`machine ${form} in ${file}`, async () => {
        const served = await serveArchive(files);
        try {
          const ours = reader();
          const place = ours.directory;
          mkdirSync(join(place, "auth.conf.d"));
          const { hostname, port } = new URL(served.url);
          writeFileSync(
            join(place, file),
            `machine ${form.replace("HOST", hostname).replace("PORT", port)}\nlogin user\npassword secret\n`,
          );
          await update(served.url, place);
          const [apts] = served.logins;
          served.logins.length = 0;
          await ours.read(`${served.url}/dists/bookworm/InRelease`, 1024 ** 2);
          expect(served.logins).to.deep.equal([more === undefined ? apts : "user:secret"]);
          if (more !== undefined) expect(apts).to.equal("");
        } finally {
          await served.stop();
        }
      });
  }),
);
