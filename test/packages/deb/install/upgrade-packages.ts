import type { DebFile, DebSpec } from "../../../support/archives/deb.js";

const file = (name: string, data: string, mode = 0o644): DebFile => ({ name, data, mode });
const link = (name: string, target: string): DebFile => ({ name, type: "2", link: target, mode: 0o777 });
const directory = (name: string, mode = 0o755): DebFile => ({ name: `${name}/`, type: "5", mode });

/** What a base has before it is customized. */
export const firstVersions: readonly DebSpec[] = [
  {
    name: "app",
    version: "1",
    architecture: "all",
    fields: { Depends: "lib" },
    files: [
      file("usr/bin/app", "1", 0o755),
      file("usr/share/app/old", "1"),
      file("usr/share/app/both", "1"),
      file("usr/share/app/moved", "1"),
      file("usr/share/app/folder/old", "1"),
      file("usr/share/app/gone/deep/old", "1"),
      file("usr/share/app/was-file", "1"),
      directory("usr/share/app/empty", 0o700),
      link("usr/share/app/was-link", "both"),
      ...["both", "user", "dist", "neither", "removed", "obsolete", "same-as-new"].map((name) => file(`etc/app/${name}`, "1")),
    ],
    members: {
      conffiles: ["both", "user", "dist", "neither", "removed", "obsolete", "same-as-new"].map((name) => `/etc/app/${name}\n`).join(""),
      triggers: "interest-noawait /usr/share/old-trigger\ninterest-noawait app-trigger\n",
      prerm: "#!/bin/sh\nexit 0\n",
    },
  },
  {
    name: "lib",
    version: "1",
    files: [file("usr/lib/x86_64-linux-gnu/libmade.so.1.1", "1"), link("usr/lib/x86_64-linux-gnu/libmade.so.1", "libmade.so.1.1")],
  },
  { name: "heirless", version: "1", architecture: "all", files: [file("usr/share/heirless/x", "1")] },
];

/** What is there when it is: `plugin` needs a newer `app`, which needs a newer `lib`. */
export const secondVersions: readonly DebSpec[] = [
  {
    name: "app",
    version: "2",
    architecture: "all",
    fields: { Depends: "lib (>= 1:2), heir" },
    files: [
      file("usr/bin/app", "2", 0o755),
      file("usr/share/app/new", "2"),
      file("usr/share/app/both", "2", 0o600),
      file("usr/share/app/was-link", "2"),
      link("usr/share/app/was-file", "both"),
      ...["both", "user", "dist", "neither", "removed", "same-as-new", "new"].map((name) =>
        file(`etc/app/${name}`, ["both", "dist"].includes(name) ? "2" : name === "same-as-new" ? "mine\n" : "1"),
      ),
    ],
    members: {
      conffiles: ["both", "user", "dist", "neither", "removed", "same-as-new", "new"].map((name) => `/etc/app/${name}\n`).join(""),
      triggers: "interest-noawait /usr/share/new-trigger\n",
      postinst: "#!/bin/sh\nset -e\n:\n",
    },
  },
  {
    name: "lib",
    version: "1:2",
    fields: { "Multi-Arch": "same" },
    files: [file("usr/lib/x86_64-linux-gnu/libmade.so.1.2", "2"), link("usr/lib/x86_64-linux-gnu/libmade.so.1", "libmade.so.1.2")],
  },
  {
    name: "heir",
    version: "1",
    architecture: "all",
    fields: { Replaces: "app (<< 2)", Breaks: "app (<< 2)" },
    files: [file("usr/share/app/moved", "heir")],
  },
  { name: "heirless", version: "2", architecture: "all", files: [file("usr/share/heirless/y", "2")] },
  { name: "plugin", version: "1", architecture: "all", fields: { Depends: "app (>= 2)" }, files: [file("usr/share/plugin/x", "1")] },
];
