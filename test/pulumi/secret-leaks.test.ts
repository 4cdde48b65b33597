import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { customization } from "../../provider/index.js";
import type { SecretPath } from "../../provider/resources/lifecycle.js";
import { parseRepository } from "../../provider/image/reference.js";
import { openRepositories } from "../../provider/registry/open.js";
import { expect } from "../support/expectations.js";
import { makeImage, putImage } from "../support/images/image.js";
import { directory, file, layerTar } from "../support/images/layer-tar.js";
import { annotate, strip, textsInClear } from "./engine-secrets.js";
import { startLogService } from "./dynamic-host.js";
import { inputsOf, makeProject, provider } from "./stage.js";

type Properties = Readonly<Record<string, unknown>>;

const project = makeProject();
const start = { cwd: process.cwd(), argument: process.argv[2] };
let engine: Awaited<ReturnType<typeof startLogService>>;

/** The core that every shape is tested with: base and artifact have files below it, so that there are notices about them. */
const placed = "zabq123xyz";
const there = [directory(`opt/${placed}`), file(`opt/${placed}/below`, "x"), directory(`opt/there/${placed}`)];

/** Paths of secrets, and inputs with one there. */
const slots: Readonly<Record<string, (secret: unknown) => Properties>> = {
  "scripts.0.path": (path) => ({ scripts: [{ path, content: "x", uid: 0, gid: 0, mode: "0755" }] }),
  "scripts.0.content": (content) => ({ scripts: [{ path: "/opt/x", content, uid: 0, gid: 0, mode: "0755" }] }),
  "scripts.0.uid": (uid) => ({ scripts: [{ path: "/opt/x", content: "x", uid, gid: 0, mode: "0755" }] }),
  "scripts.0.mode": (mode) => ({ scripts: [{ path: "/opt/x", content: "x", uid: 0, gid: 0, mode }] }),
  "scripts.0": (path) => ({ scripts: [{ path, content: path, uid: 0, gid: 0, mode: "0755" }] }),
  "files.0.path": (path) => ({ files: [{ path, source: "plain.txt" }] }),
  "files.0.source": (source) => ({ files: [{ path: "/opt/x", source }] }),
  "directories.0.path": (path) => ({ directories: [{ path, mode: "0700" }] }),
  "directories.0.source": (source) => ({ directories: [{ path: "/opt/x", source }] }),
  "directories.0.excludes.0": (exclude) => ({ directories: [{ path: "/opt/x", source: "folder", excludes: [exclude] }] }),
  "artifacts.0.includes.0": (include) => ({ artifacts: [{ image: "oci:art:1", includes: [include] }] }),
  "artifacts.0.excludes.0": (exclude) => ({ artifacts: [{ image: "oci:art:1", includes: ["/opt/tool"], excludes: [exclude] }] }),
  "artifacts.0.uid": (uid) => ({ artifacts: [{ image: "oci:art:1", includes: ["/opt/tool"], uid }] }),
  "artifacts.0.image": (image) => ({ artifacts: [{ image, includes: ["/opt/tool"] }] }),
  "entrypoint.1": (argument) => ({ entrypoint: ["--token", argument] }),
  "entrypoint.args": (argument) => ({ entrypoint: { mode: "prepend", args: [argument] } }),
  cmd: (argument) => ({ cmd: [argument] }),
  "users.0.name": (name) => ({ users: [{ name, uid: 1001 }], runAs: "1001" }),
  "users.0.uid": (uid) => ({ users: [{ name: "app", uid }], runAs: "app" }),
  "users.0.home": (home) => ({ users: [{ name: "app", uid: 1001, home }] }),
  users: (name) => ({ users: [{ name, uid: 1001, groups: [name] }] }),
  "groups.0.name": (name) => ({ groups: [{ name, gid: 1002 }] }),
  "groups.0.members.0": (member) => ({ groups: [{ name: "app", gid: 1002, members: [member] }] }),
  runAs: (runAs) => ({ runAs }),
  workingDirectory: (workingDirectory) => ({ workingDirectory }),
  stopSignal: (stopSignal) => ({ stopSignal }),
  "exposedPorts.0": (port) => ({ exposedPorts: [port] }),
  "volumes.0": (path) => ({ volumes: [path] }),
  "environment.TOKEN": (token) => ({ environment: { TOKEN: token, OPEN: "open" } }),
  "environment.PATH": (path) => ({ environment: { PATH: path }, artifacts: [{ image: "oci:art:1", includes: ["/opt/tool"] }] }),
  environment: (value) => ({ environment: { [`K${String(value).replace(/\W/g, "")}`]: value } }),
  "labels.note": (note) => ({ labels: { note } }),
  labels: (key) => ({ labels: { [String(key)]: "value" } }),
  "annotations.note": (note) => ({ annotations: { note } }),
  annotations: (key) => ({ annotations: { [String(key)]: key } }),
  "caCertificates.0": (certificate) => ({ caCertificates: [certificate] }),
  suffix: (suffix) => ({ suffix }),
  additionalTags: (tag) => ({ additionalTags: [tag] }),
};

/** Shapes of a secret with a random core: the value, and the part of it that no text may contain. */
const shapes: Readonly<Record<string, (core: string) => readonly [value: unknown, needle: string]>> = {
  word: (core) => [core, core],
  number: (core) => [Number(`9${core.replace(/\D/g, "")}`.padEnd(9, "7")), `9${core.replace(/\D/g, "")}`.padEnd(9, "7")],
  path: (core) => [`/opt/${core}`, core],
  "a path to normalize": (core) => [`/opt//${core}/./below/`, core],
  "an existing path": (core) => [`./opt//there/${core}/`, core],
  "a source to normalize": (core) => [`.//${core}`, core],
  "a list of paths": (core) => [`/${core}::/x:/${core}`, core],
  base64: (core) => [Buffer.from(core).toString("base64"), Buffer.from(core).toString("base64")],
  json: (core) => [JSON.stringify({ token: `"${core}"` }), core],
  lines: (core) => [`first\n  export TOKEN=${core}-of-many-letters\n`, core],
  "control characters": (core) => [`/opt/${core}\u001b[31m<{%boom%}>`, core],
  "a number as text": (core) => [`0${core.replace(/\D/g, "")}12345678`, `${core.replace(/\D/g, "")}12345678`],
  "a glob": (core) => [`/opt/**/${core}*`, core],
};

before(async () => {
  process.chdir(project.folder);
  const repositories = openRepositories({ projectDirectory: project.folder, env: {} });
  const base = [file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"), file("etc/group", "root:x:0:\n"), ...there, file("opt/x", "base")];
  const art = [file("opt/tool", "x"), ...there];
  const image = (items: typeof base, config: object) => makeImage({ platforms: [{ layers: [{ tar: layerTar(items) }], config }] });
  await putImage(repositories.open(parseRepository("oci:base")), image(base, { Env: ["PATH=/bin"], Cmd: ["sh"] }), "1");
  await putImage(repositories.open(parseRepository("oci:art")), image(art, { Env: ["PATH=/art/bin"] }), "1");
  writeFileSync(join(project.folder, "plain.txt"), "plain");
  mkdirSync(join(project.folder, "folder"));
  writeFileSync(join(project.folder, "folder", "a"), "a");
  engine = await startLogService();
  process.argv[2] = engine.address;
  await customization.configure({ config: { get: (key: string) => (key === "dhi:cacheDirectory" ? "./cache" : undefined) } });
});
after(() => {
  process.chdir(start.cwd);
  if (start.argument !== undefined) process.argv[2] = start.argument;
  engine.stop();
  project.remove();
});

const pathOf = (slot: string): SecretPath => slot.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));

describe("every input as a secret, in every shape", () => {
  let count = 0;

  /**
   * Publishes a new image, the same again, one that changes besides the secret, refreshes and deletes it; returns everything the engine
   * would show and save.
   */
  const live = async (slot: string, secret: unknown): Promise<readonly string[]> => {
    count += 1;
    const path = pathOf(slot);
    const before = engine.lines.length;
    const texts: string[] = [];
    const keep = async <T>(work: Promise<T>): Promise<T | undefined> => {
      try {
        return await work;
      } catch (thrown) {
        const { message, stack, reasons } = thrown as Error & { reasons?: readonly string[] };
        texts.push(message, stack ?? "", ...(reasons ?? []));
        return undefined;
      }
    };
    const declare = (more: Properties): Properties => {
      const inputs = { ...inputsOf(`leak${count}`), destination: "oci:out", __secrets: JSON.stringify([path]), ...more };
      const given = slots[slot]?.(secret) ?? {};
      return { ...inputs, ...given, ...(more["labels"] !== undefined && "labels" in given ? { compression: "zstd" } : {}) };
    };
    const check = async (olds: Properties, news: Properties): Promise<Properties | undefined> => {
      const answer = await keep(customization.check(strip(olds), news));
      texts.push(...(answer?.failures ?? []).flatMap(({ property, reason }) => [property, reason]));
      if (answer === undefined || answer.failures.length > 0) return undefined;
      const inputs = annotate({ ...answer.inputs, __provider: provider }, news, path);
      texts.push(...textsInClear(inputs));
      return inputs;
    };
    const news = declare({});
    const first = await check({}, news);
    if (first !== undefined) {
      const created = await keep(customization.create(strip(first)));
      texts.push(created?.id ?? "", ...textsInClear(annotate(created?.outs ?? {}, first, path)));
      const again = await check(first, news);
      if (again !== undefined && created !== undefined) {
        expect(await customization.diff(created.id, strip(created.outs), strip(again)), slot).to.deep.equal({ changes: false });
        const changed = await check(first, declare({ labels: { beside: "changed" } }));
        if (changed !== undefined) {
          const updated = await keep(customization.update(created.id, strip(created.outs), strip(changed)));
          texts.push(...textsInClear(annotate(updated?.outs ?? {}, changed, path)));
          const read = await keep(customization.read(created.id, strip(updated?.outs ?? {})));
          texts.push(...textsInClear(annotate(read?.props ?? {}, changed, path)));
        }
        await keep(customization.delete(created.id, strip(created.outs)));
      }
    }
    texts.push(...engine.lines.slice(before).map(({ message }) => message));
    return texts;
  };

  const core = fc.stringMatching(/^z[a-z0-9]{2}q[0-9]{3}[a-z]{3}$/);
  for (const slot of Object.keys(slots)) {
    it(`is shown nowhere: ${slot}`, async () => {
      await fc.assert(
        fc.asyncProperty(core, fc.constantFrom(...Object.keys(shapes)), async (random, shape) => {
          const [value, needle] = shapes[shape]?.(random) ?? [random, random];
          for (const text of await live(slot, value)) {
            const at = text.indexOf(needle);
            expect(at, `${shape} ${JSON.stringify(value)}: …${text.slice(Math.max(0, at - 200), at + 60)}…`).to.equal(-1);
          }
        }),
        // Each shape at least once.
        { numRuns: 16, examples: Object.keys(shapes).map((shape) => [placed, shape] as [string, string]) },
      );
    });
  }
});
