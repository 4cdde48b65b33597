import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { expect } from "../../support/expectations.js";
import { runBundle } from "../../support/images/container.js";
import { missingPrograms } from "../../support/images/programs.js";
import { unpackWithUmoci } from "../../support/images/unpackers.js";
import { publish } from "../../support/session/publish.js";
import { makeWorkplace, openSession, type Workplace } from "../../support/session/session.js";
import { putDebian } from "../../proof/debian.js";
import { suiteUnless, testUnless } from "../../support/skips.js";
import { allowAsDocker, runInRoot } from "./root.js";

const tar = process.env["DHI_TEST_BASE"];
const programs = missingPrograms(["skopeo", "umoci", "runc", "unshare"], true);
const skip = programs === false && tar === undefined ? "DHI_TEST_BASE names no root filesystem" : programs;
const isLong = process.env["DHI_LONG"] !== undefined;

/** What is run of a package, and what it says. */
const short: Readonly<Record<string, readonly [command: string, says: RegExp]>> = {
  sudo: ["sudo -l -U root && sudo -u nobody id -u", /may run the following[\s\S]*65534\n$/],
  less: ["less --version", /^less \d/],
  "vim-tiny": ["vi --version", /^VIM - Vi IMproved/],
};
const long: typeof short = {
  postgresql: [
    "pg_createcluster -u postgres 15 main >/dev/null && su postgres -c '/usr/lib/postgresql/15/bin/postgres --single -D /var/lib/postgresql/15/main -c config_file=/etc/postgresql/15/main/postgresql.conf template1 </dev/null' 2>&1; psql --version",
    /psql \(PostgreSQL\) 15/,
  ],
  "openjdk-17-jre-headless": ["java -version 2>&1", /^openjdk version "17\./],
  chrony: ["chronyd -p", /^confdir|^pool/m],
  dbus: ["dbus-daemon --version", /^D-Bus Message Bus Daemon 1\.14/],
  "iputils-ping": ["ping -V", /^ping from iputils/],
  locales: ["localedef --help", /^Usage: localedef/],
  tzdata: ["cat /etc/timezone && TZ=Europe/Berlin date -d 2026-01-01T00:00Z +%H", /^Etc\/UTC\n01\n$/],
  adduser: ["adduser --system --quiet newcomer && id -un newcomer", /^newcomer\n$/],
  cron: ["crontab -l 2>&1; stat -c '%G %a' /usr/bin/crontab", /crontab 2755\n$/],
  rsyslog: ["rsyslogd -N1 2>&1", /config validation run/],
  nodejs: ["node -p process.version", /^v18\./],
  "php8.2-cli": [
    'php -r \'echo json_encode([PHP_MAJOR_VERSION, extension_loaded("pdo"), extension_loaded("ctype")]);\'',
    /^\[8,true,true\]$/,
  ],
  perl: ["perl -MIO::Socket -e 'print $^V'", /^v5\.36/],
  ruby: ["ruby -e 'puts 6 * 7'", /^42\n$/],
  apache2: ["apachectl -t 2>&1; apachectl -M 2>&1", /Syntax OK[\s\S]*mpm_event_module/],
  "mariadb-server": ["mariadb_config=1; mysqld --help --verbose 2>/dev/null | head -1; my_print_defaults client", /mysqld +Ver 10\.11/],
  "bind9-dnsutils": ["dig -v 2>&1", /^DiG 9\.18/],
  tcpdump: ["tcpdump --version 2>&1", /^tcpdump version/],
  gcc: ["printf '#include <stdio.h>\\nint main(void) { return puts(\"made\") < 0; }' | gcc -x c -o /tmp/made - && /tmp/made", /^made\n$/],
  "openssh-server": ["ssh-keygen -A >/dev/null && mkdir -p /run/sshd && sshd -t && echo fine", /^fine\n$/],
  fontconfig: ["fc-list", /DejaVu/],
  "man-db": ["man --version", /^man 2\./],
  "redis-server": ["redis-server --version", /^Redis server v=7/],
  "libc6-dev": ["echo '#include <math.h>' | gcc -E - >/dev/null && echo fine", /^fine\n$/],
};

describe(
  "many packages in one image, each of them run",
  suiteUnless(skip, () => {
    const cases = isLong ? { ...short, ...long } : short;
    let place: Workplace;
    let bundle: string;

    before(async () => {
      place = await makeWorkplace();
      const session = openSession(place);
      await putDebian(session, { kind: "layout", path: "./debian" }, tar ?? "", { "12": { Cmd: ["bash"] } });
      await publish(session, "customization", { repository: "oci:./debian", version: "12", suffix: "many", packages: Object.keys(cases) });
      bundle = await unpackWithUmoci(place.folder, `oci:${place.folder}/debian:12_many`, "many");
      await allowAsDocker(bundle);
    });
    after(async () => {
      await place.remove();
    });

    for (const [name, [command, says]] of Object.entries(cases)) {
      it(name, async () => {
        expect(await runBundle(bundle, ["sh", "-c", `${command} || echo status $?`])).to.match(says);
      });
    }

    it("dpkg reports no problems", async () => {
      expect(await runInRoot(join(bundle, "rootfs"), "dpkg --audit")).to.equal("");
    });

    it(
      "Java trusts the same authorities as other programs",
      testUnless(isLong ? false : "it takes long: npm run test:long", async () => {
        const counted =
          "keytool -list -cacerts -storepass changeit 2>/dev/null | grep -c trustedCertEntry; grep -c 'BEGIN CERT' /etc/ssl/certs/ca-certificates.crt";
        const [java, all] = (await runBundle(bundle, ["sh", "-c", counted])).trim().split("\n");
        expect(java).to.equal(all);
      }),
    );
  }),
);
