import type { ValueMap } from "../../provider/values.js";

/** A bad input, and what the failure must contain: the property's path, the value, and the way out. */
export interface BadInput {
  readonly kind: string;
  /** Merged over a good customization. */
  readonly inputs: ValueMap;
  /** The path as it appears in the failure. */
  readonly property: string;
  readonly value: string;
  readonly wayOut: RegExp;
}

const script = { path: "/x", content: "c", uid: 0, gid: 0, mode: "0755" };
const digest = `sha256:${"0".repeat(64)}`;

/** `host`: a registry with `base:1` (linux/amd64), `artifact:1` (linux/amd64), and an `artifact:arm` that is linux/arm64. */
export function badInputs(
  host: string,
  places: { readonly closed: string; readonly locked: string; readonly faulty: string },
): readonly BadInput[] {
  const artifact = { image: `${host}/artifact:1`, includes: ["/opt/tool"] };
  const bad = (kind: string, inputs: ValueMap, property: string, value: string, wayOut: RegExp): BadInput => ({
    kind,
    inputs,
    property,
    value,
    wayOut,
  });
  return [
    bad("names", { users: [{ name: "0day", uid: 1 }] }, "users[0].name", '"0day"', /letters, digits/),
    bad("names", { users: [{ name: "a:b", uid: 1 }] }, "users[0].name", '"a:b"', /letters, digits/),
    bad("names", { groups: [{ name: "", gid: 1 }] }, "groups[0].name", '""', /letters, digits/),
    bad("names", { groups: [{ name: "g", gid: 5000, members: ["no body"] }] }, "groups[0].members[0]", '"no body"', /letters, digits/),
    bad("names", { environment: { "A=B": "1" } }, 'environment["A=B"]', '"A=B"', /contains "="/),
    bad("names", { environments: {} }, "", '"environments"', /It has .*environment/),
    bad(
      "paths",
      { scripts: [{ ...script, path: "/usr/../etc/x" }] },
      "scripts[0].path",
      "/usr/../etc/x",
      /Write the resulting path itself/,
    ),
    bad("paths", { directories: [{ path: "/.." }] }, "directories[0].path", "/..", /Write the resulting path itself/),
    bad(
      "paths",
      { artifacts: [{ ...artifact, includes: ["/opt/../etc"] }] },
      "artifacts[0].includes[0]",
      "/opt/../etc",
      /Write the resulting path itself/,
    ),
    bad("paths", { scripts: [{ ...script, path: "relative" }] }, "scripts[0].path", '"relative"', /Start it with a slash/),
    bad("paths", { scripts: [{ ...script, path: "/" }] }, "scripts[0].path", '"/"', /Give the path of a file/),
    bad("paths", { workingDirectory: "srv" }, "workingDirectory", '"srv"', /Start it with a slash/),
    bad("paths", { scripts: [{ ...script, path: "/etc/passwd/x" }] }, "scripts[0]", "/etc/passwd", /Choose another path/),
    bad("paths", { scripts: [{ ...script, path: "/opt" }] }, "scripts[0]", "/opt", /choose another path/),
    bad("names", { stopSignal: "sigterm" }, "stopSignal", '"sigterm"', /name such as SIGTERM/),
    bad("ids", { exposedPorts: ["65536/tcp"] }, "exposedPorts[0]", '"65536/tcp"', /from 1 to 65535/),
    bad("paths", { volumes: ["/var", "/"] }, "volumes[1]", '"/"', /Name a folder below it/),
    bad("modes", { scripts: [{ ...script, mode: "0999" }] }, "scripts[0].mode", '"0999"', /quoted octal, such as "0755"/),
    bad("modes", { scripts: [{ ...script, mode: "rwx" }] }, "scripts[0].mode", '"rwx"', /quoted octal, such as "0755"/),
    bad("modes", { directories: [{ path: "/d", mode: 493 }] }, "directories[0].mode", "493", /quoted octal, such as "0755"/),
    bad("ids", { scripts: [{ ...script, uid: -1 }] }, "scripts[0].uid", "-1", /whole number from 0/),
    bad("ids", { users: [{ name: "u", uid: 4294967295 }] }, "users[0].uid", "4294967295", /whole number from 0 to 4294967294/),
    bad("ids", { groups: [{ name: "g", gid: 1.5 }] }, "groups[0].gid", "1.5", /whole number from 0/),
    bad("ids", { users: [{ name: "u", uid: 33 }] }, "users[0]", "33", /Choose another uid/),
    bad("ids", { users: [{ name: "www", uid: 34 }] }, "users[0]", '"www"', /Declare it as it exists/),
    bad("platforms", { platforms: ["linux/arm64"] }, "platforms", "linux/arm64", /its platforms: linux\/amd64.*Declare only platforms/),
    bad("platforms", { platforms: ["linux"] }, "platforms[0]", '"linux"', /Write os\/architecture/),
    bad(
      "platforms",
      { artifacts: [{ ...artifact, image: `${host}/artifact:arm` }] },
      "artifacts[0].image",
      "linux/amd64",
      /its platforms: linux\/arm64.*Declare only/,
    ),
    bad(
      "platforms",
      { artifacts: [artifact, { ...artifact, image: `${host}/artifact:arm` }] },
      "artifacts[1].image",
      "linux/amd64",
      /its platforms: linux\/arm64/,
    ),
    bad(
      "includes",
      { artifacts: [{ ...artifact, includes: ["/opt/tool", "/opt/nothing"] }] },
      "artifacts[0].includes[1]",
      '"/opt/nothing"',
      /Name a path of the source/,
    ),
    bad(
      "includes",
      { artifacts: [{ ...artifact, includes: ["/nowhere/**"] }] },
      "artifacts[0].includes[0]",
      '"/nowhere/**"',
      /Name a path of the source/,
    ),
    bad("includes", { artifacts: [{ ...artifact, includes: [] }] }, "artifacts[0].includes", "is empty", /include a path/),
    bad("includes", { artifacts: [{ ...artifact, includes: ["/opt/[a"] }] }, "artifacts[0].includes[0]", "/opt/[a", /Close it with/),
    bad("users", { runAs: "nobody-there" }, "runAs", '"nobody-there"', /Declare it in users/),
    bad("users", { runAs: 4711 }, "runAs", '"4711"', /Declare it in users/),
    bad("users", { users: [{ name: "u", uid: 900, groups: ["absent"] }] }, "users[0].groups[0]", '"absent"', /Declare it in groups/),
    bad("users", { groups: [{ name: "g", gid: 900, members: ["absent"] }] }, "groups[0].members[0]", '"absent"', /Declare it in users/),
    bad("suffixes", { suffix: "with space" }, "suffix", '"with space"', /letters, digits, dots/),
    bad("suffixes", { suffix: "x".repeat(130) }, "suffix", "x".repeat(130), /at most 128/),
    bad("suffixes", { suffix: "" }, "suffix", '""', /letters, digits, dots/),
    bad("suffixes", { additionalTags: ["-dash"] }, "additionalTags[0]", '"-dash"', /does not start with a dot or dash/),
    bad("references", { repository: `${host}/Upper` }, "repository", `${host}/Upper`, /lower case/),
    bad("references", { destination: `${host}/out:tag` }, "destination", `${host}/out:tag`, /Remove the tag and digest/),
    bad(
      "references",
      { artifacts: [{ ...artifact, image: `${host}/artifact` }] },
      "artifacts[0].image",
      `${host}/artifact`,
      /Write name:tag/,
    ),
    bad(
      "references",
      { artifacts: [{ ...artifact, image: `${host}/artifact@sha256:12` }] },
      "artifacts[0].image",
      "sha256:12",
      /64 hexadecimal digits/,
    ),
    bad(
      "references",
      { artifacts: [{ ...artifact, image: `${host}/artifact:none` }] },
      "artifacts[0].image",
      `${host}/artifact:none`,
      /Push it first/,
    ),
    bad("unreachable registries", { repository: `${places.closed}/base` }, "version", places.closed, /can be reached from this machine/),
    bad(
      "unreachable registries",
      { artifacts: [{ ...artifact, image: `${places.closed}/artifact:1` }] },
      "artifacts[0].image",
      places.closed,
      /can be reached from this machine/,
    ),
    bad("unauthorized registries", { repository: `${places.locked}/base` }, "version", places.locked, /docker login/),
    bad("unauthorized registries", { destination: `${places.locked}/out` }, "suffix", places.locked, /docker login/),
    bad("unreachable registries", { destination: `${places.closed}/out` }, "suffix", places.closed, /can be reached from this machine/),
    bad("versions", { version: `@${digest}` }, "version", `@${digest}`, /Write a tag such as 3\.13/),
    bad("versions", { version: "" }, "version", '""', /Write a tag such as 3\.13/),
    bad("versions", { version: "1@sha256:beef" }, "version", "1@sha256:beef", /64 hexadecimal digits/),
    bad("bases without mirror", { repository: `${host}/not/mirrored` }, "version", `${host}/not/mirrored`, /Mirror it first/),
    bad("bases without mirror", { version: "9.9" }, "version", "9.9", /Mirror it first/),
    bad("bases without mirror", { version: `1@${digest}` }, "version", digest, /Mirror or push it first/),
    bad("bases without mirror", { repository: "oci:no-such-layout" }, "version", "oci:no-such-layout", /Mirror it first/),
    bad("blobs whose digest is wrong", { repository: `${places.faulty}/base` }, "version", "is damaged", /Push or mirror the image again/),
    bad(
      "blobs whose digest is wrong",
      { artifacts: [{ ...artifact, image: `${places.faulty}/artifact:1` }] },
      "artifacts[0].image",
      "is damaged",
      /Push or mirror the image again/,
    ),
    bad("blobs whose digest is wrong", { repository: "oci:corrupt" }, "version", "is damaged", /Push or mirror the image again/),
    bad("local sources", { files: [{ path: "/x", source: "absent" }] }, "files[0].source", '"absent"', /relative to the Pulumi project/),
    bad(
      "local sources",
      { directories: [{ path: "/x", source: "corrupt/oci-layout" }] },
      "directories[0].source",
      '"corrupt/oci-layout"',
      /declare it in files/,
    ),
    bad("tags of others", { suffix: "foreign" }, "suffix", "1_foreign", /overwrite: true/),
    bad("tags of others", { additionalTags: ["1_foreign"] }, "additionalTags[0]", "1_foreign", /overwrite: true/),
    bad("tags of others", { additionalTags: ["1"] }, "additionalTags", '"1"', /Remove it/),
    bad("tags of others", { additionalTags: ["a", "a"] }, "additionalTags", '"a"', /Remove it/),
    bad("values of another type", { scripts: "none" }, "scripts", "is not a list", /Give a list/),
    bad("values of another type", { compression: "xz" }, "compression", '"xz"', /"gzip" or "zstd"/),
    bad("values of another type", { entrypoint: { mode: "add" } }, "entrypoint.mode", '"add"', /Give "append"/),
  ];
}
