import { z } from "zod";
import { parsePackage, parseSourceUrl } from "../../packages/declared.js";
import { BASE_DIGEST_ANNOTATION, BASE_NAME_ANNOTATION, LAYOUT_ANNOTATION } from "../annotations.js";
import { minimumAge } from "./minimum-age.js";
import { policy } from "./policy.js";
import {
  accountName,
  commandMode,
  compression,
  filePath,
  flag,
  id,
  imagePath,
  imageReference,
  list,
  mode,
  object,
  parsed,
  pattern,
  platform,
  record,
  secretText,
  text,
  variableName,
  variableValue,
} from "./schema.js";
import { verify } from "./verify.js";
import { sign } from "./sign.js";
import { vex } from "./vex.js";

const artifact = object({
  image: imageReference,
  includes: list(pattern, "paths or globs").min(1, { error: "is empty. Only included paths are copied: include a path" }),
  excludes: list(pattern, "paths or globs").optional(),
  uid: id.optional(),
  gid: id.optional(),
  verify: verify.optional(),
});

const script = object({ path: filePath, content: secretText, uid: id, gid: id, mode });

const source = text("a path relative to the Pulumi project").min(1, {
  error: '"" is not a path. Give a path relative to the Pulumi project',
});

const file = object({ path: filePath, source, uid: id.optional(), gid: id.optional(), mode: mode.optional() });

const directory = object({
  path: imagePath,
  source: source.optional(),
  includes: list(pattern, "paths or globs").optional(),
  excludes: list(pattern, "paths or globs").optional(),
  uid: id.optional(),
  gid: id.optional(),
  mode: mode.optional(),
}).superRefine((value, context) => {
  if (value.path === "" && value.mode !== undefined) {
    context.addIssue({ code: "custom", path: ["mode"], message: "is declared for the root folder, which keeps its own. Remove it" });
  }
  for (const key of ["includes", "excludes"] as const) {
    if (value.source === undefined && value[key] !== undefined) {
      context.addIssue({ code: "custom", path: [key], message: "is only used with a source. Give a source, or remove it" });
    }
  }
});

const argument = secretText.refine((value) => !value.includes("\u0000"), {
  error: "contains a NUL character, which is not allowed in arguments",
});

const command = z.union(
  [
    list(argument, "arguments").transform((args) => ({ mode: "append" as const, args })),
    object({ mode: commandMode, args: list(argument, "arguments").optional() }).transform(({ mode: how, args }) => ({
      mode: how,
      args: args ?? [],
    })),
  ],
  { error: 'is not a command. Give a list, which is appended, or { mode: "append" | "prepend" | "replace" | "clear", args }' },
);

const packageName = parsed("the name of a package", parsePackage);

/** `name`, `name=version`, `!name`, or a name per family. */
const packageItem = z.union(
  [
    packageName.transform((item) => ({ debian: item, alpine: item })),
    object({ debian: packageName.optional(), alpine: packageName.optional() }).refine(
      ({ debian, alpine }) => debian !== undefined || alpine !== undefined,
      { error: "has no package name. Give debian, alpine or both" },
    ),
  ],
  { error: "is not a package. Give a name, name=version, !name, or { debian, alpine }" },
);

const packageSource = object({
  url: parsed("an http, https or file URL", parseSourceUrl),
  suites: list(text("a suite"), "suites").optional(),
  components: list(text("a component"), "components").optional(),
  keys: list(secretText, "keys").optional(),
  allowUnsigned: flag.optional(),
  allowExpired: flag.optional(),
});

const absolute = /^\/[^:\n\u0000]*$/;
const accountPath = text("an absolute path").regex(absolute, {
  error: ({ input }) => `${JSON.stringify(input)} is not an absolute path without colons. Start it with a slash`,
});

const user = object({
  name: accountName,
  uid: id,
  gid: id.optional(),
  home: accountPath.optional(),
  shell: accountPath.optional(),
  groups: list(accountName, "names of groups").optional(),
});

const group = object({ name: accountName, gid: id, members: list(accountName, "names of users").optional() });

const runAs = z.union([accountName, id, z.string().regex(/^[0-9]{1,10}$/)], {
  error: ({ input }) => `${JSON.stringify(input)} is not the name or uid of a user`,
});

/** Signals of Linux (signal(7)); the highest number is SIGRTMAX. */
const signal =
  /^(?:SIG(?:ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN(?:\+(?:[1-9]|1[0-5]))?|RTMAX(?:-(?:[1-9]|1[0-4]))?)|[1-9]|[1-5]\d|6[0-4])$/;

const stopSignal = text("a signal such as SIGTERM").regex(signal, {
  error: ({ input }) => `${JSON.stringify(input)} is not a signal. Give a name such as SIGTERM or SIGRTMIN+3, or a number from "1" to "64"`,
});

/** Written with its protocol, like Docker: the default is `tcp` (OCI image spec, config.md, "ExposedPorts"). */
const exposedPort = text('a port such as "8080", "8080/tcp" or "53/udp"')
  .refine((value) => /^[1-9]\d{0,4}(?:\/(?:tcp|udp|sctp))?$/.test(value) && Number.parseInt(value, 10) <= 65535, {
    error: ({ input }) => `${JSON.stringify(input)} is not a port. Give one from 1 to 65535, such as "8080", "8080/tcp" or "53/udp"`,
  })
  .transform((value) => (value.includes("/") ? value : `${value}/tcp`));

const volume = imagePath
  .refine((path) => path !== "", { error: '"/" is the root folder, which is not a volume. Name a folder below it' })
  .transform((path) => `/${Buffer.from(path, "latin1").toString("utf8")}`);

/** Annotations that identify an image of pulumi-dhi: a declared one would hide it. */
const ownAnnotations: readonly string[] = [LAYOUT_ANNOTATION, BASE_NAME_ANNOTATION, BASE_DIGEST_ANNOTATION];

/** `ContentArgs` of the sdk. */
export const imageInputs = {
  packages: list(packageItem, "packages").optional(),
  packageSources: list(packageSource, "package sources").optional(),
  assumeInstalled: list(text("the name of a package"), "names of packages").optional(),
  caCertificates: list(secretText, "PEM certificates").optional(),
  artifacts: list(artifact, "artifacts").optional(),
  scripts: list(script, "scripts").optional(),
  files: list(file, "files").optional(),
  directories: list(directory, "directories").optional(),
  platforms: list(platform, "platforms").min(1, { error: "is empty. Give a platform, or remove it" }).optional(),
  entrypoint: command.optional(),
  cmd: command.optional(),
  users: list(user, "users").optional(),
  groups: list(group, "groups").optional(),
  runAs: runAs.optional(),
  workingDirectory: text("an absolute path")
    .regex(/^\/[^\u0000]*$/, { error: ({ input }) => `${JSON.stringify(input)} is not absolute. Start it with a slash` })
    .optional(),
  stopSignal: stopSignal.optional(),
  exposedPorts: list(exposedPort, "ports").optional(),
  volumes: list(volume, "absolute paths").optional(),
  environment: record(variableValue, "names to values")
    .superRefine((value, context) => {
      for (const name of Object.keys(value)) {
        const result = variableName.safeParse(name);
        if (!result.success) context.addIssue({ code: "custom", path: [name], message: result.error.issues[0]?.message ?? "" });
      }
    })
    .optional(),
  annotations: record(secretText, "names to values")
    .superRefine((value, context) => {
      for (const name of Object.keys(value)) {
        if (ownAnnotations.includes(name))
          context.addIssue({ code: "custom", path: [name], message: "is written by pulumi-dhi itself. Remove it" });
      }
    })
    .optional(),
  labels: record(secretText, "names to values").optional(),
  compression: compression.optional(),
  minimumAge: minimumAge.optional(),
  overwrite: flag.optional(),
  sign: sign.optional(),
  vex: vex.optional(),
  policy: policy.optional(),
};

/** The declared inputs after validation, with paths as bytes and modes as numbers. */
export type ImageInputs = z.output<z.ZodObject<typeof imageInputs>>;
export type Artifact = NonNullable<ImageInputs["artifacts"]>[number];
export type Directory = NonNullable<ImageInputs["directories"]>[number];
