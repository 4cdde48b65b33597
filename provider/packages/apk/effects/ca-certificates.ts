import { isExecutable } from "../../../rootfs/tree/executable.js";
import type { RawPath } from "../../../rootfs/tree/node.js";
import { baseNameOf, joinRaw } from "../../../rootfs/tree/raw-path.js";
import { linkByHash } from "../../root/certificate-links.js";
import type { RootEditor } from "../../root/root-editor.js";

const configuration = "etc/ca-certificates.conf";
const shared = "usr/share/ca-certificates";
const local = "usr/local/share/ca-certificates";
const directory = "etc/ssl/certs";

const hooks = "etc/ca-certificates/update.d";
/** The hook that makes links by hash, with `c_rehash`. */
const hashHook = "certhash";

/**
 * Alpine's update-ca-certificates: the bundle of listed and local certificates, each followed by an empty line,
 * a link `ca-cert-<name>.pem` to each, and what the hook `certhash` does. Returns the hooks that are not reproduced; undefined when
 * bytes that it needs are not known.
 */
export function updateCaCertificates(editor: RootEditor): readonly string[] | undefined {
  const lines = (editor.text(configuration) ?? "").split("\n");
  const listed = lines.filter((line) => line !== "" && !/^[#!]/.test(line)).map((line) => joinRaw(shared, line));
  const trusted = [...listed, ...localFiles(editor)].filter((path) => editor.node(path)?.type === "file");
  const texts = trusted.map((path) => editor.text(path));
  if (texts.includes(undefined)) return undefined;
  const links = new Map(trusted.map((path) => [linkName(path), `/${path}`]));
  const real = editor.tree.follow(directory);
  for (const name of real === undefined ? [] : editor.tree.list(real)) {
    const target = editor.ownNode(joinRaw(directory, name))?.target;
    const isOurs = [shared, local].some((folder) => target?.startsWith(`/${folder}/`) === true);
    if (isOurs && !links.has(name)) editor.remove(joinRaw(directory, name));
  }
  for (const [name, target] of links) editor.link(joinRaw(directory, name), target);
  editor.write(joinRaw(directory, "ca-certificates.crt"), texts.map((text) => `${text ?? ""}\n`).join(""));
  const folder = editor.tree.follow(hooks);
  // As run-parts(8) selects them: executables.
  const names = (folder === undefined ? [] : editor.tree.list(folder)).filter((name) => isExecutable(editor.node(joinRaw(hooks, name))));
  if (names.includes(hashHook)) linkByHash(editor, directory);
  return names.filter((name) => name !== hashHook).map((name) => `/${joinRaw(hooks, name)}`);
}

function localFiles(editor: RootEditor): readonly RawPath[] {
  const real = editor.tree.follow(local);
  const names = real === undefined ? [] : editor.tree.list(real).filter((name) => !name.startsWith("."));
  return names.map((name) => joinRaw(local, name)).filter((path) => editor.ownNode(path)?.type === "file");
}

function linkName(path: RawPath): string {
  return `ca-cert-${baseNameOf(path)
    .replace(/\.crt$/, "")
    .replace(/[, ]/g, "_")
    .replace(/[()]/g, "=")}.pem`;
}
