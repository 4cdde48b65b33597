import type { RootEditor } from "../../root/root-editor.js";

/** What the postinst of tzdata leaves in noninteractive mode: a zone that is set stays, else it is UTC. */
export function writeTimezone(editor: RootEditor): void {
  if (editor.ownNode("etc/localtime") === undefined) editor.link("etc/localtime", "/usr/share/zoneinfo/Etc/UTC");
  const [, zone = "Etc/UTC"] = /^\/usr\/share\/zoneinfo\/(.+)$/.exec(editor.ownNode("etc/localtime")?.target ?? "") ?? [];
  editor.write("etc/timezone", `${zone}\n`);
}
