import { baseNameOf, joinRaw } from "../../../rootfs/tree/raw-path.js";
import type { RootEditor } from "../../root/root-editor.js";
import { done, type CommandModel } from "../../scripts/script-host.js";

const stateFolder = "var/lib/systemd/deb-systemd-helper-enabled";
const unitFolders = ["etc/systemd/system", "lib/systemd/system", "usr/lib/systemd/system"];

/** deb-systemd-helper(1p) and update-rc.d(8), which enable services. In an image without these programs they do nothing. */
export function serviceCommands(editor: RootEditor): Readonly<Record<string, CommandModel>> {
  const has = (program: string): boolean =>
    editor.node(`usr/bin/${program}`) !== undefined || editor.node(`usr/sbin/${program}`) !== undefined;

  const helper: CommandModel = (args) => {
    const words = args.filter((arg) => !arg.startsWith("-"));
    const [action, ...units] = words;
    if (args.includes("--user") || !has("deb-systemd-helper")) return done;
    if (action === "debian-installed") {
      return { status: units.every((unit) => editor.node(`${stateFolder}/${unit}.dsh-also`) !== undefined) ? 0 : 1 };
    }
    if (action === "was-enabled") {
      return { status: units.every((unit) => wasEnabled(editor, unit)) ? 0 : 1 };
    }
    if (action === "disable") for (const unit of units) disableUnit(editor, unit);
    if (action === "enable" || action === "update-state") {
      for (const unit of units) enableUnit(editor, unit, action === "enable");
    }
    return done;
  };

  const updateRc: CommandModel = (args) => {
    const [service, action] = args.filter((arg) => !arg.startsWith("-"));
    if (!has("update-rc.d")) return done;
    if (service !== undefined && (action === "disable" || action === "enable")) {
      switchService(editor, service, action === "enable");
      return done;
    }
    if (service === undefined || (action !== "defaults" && action !== "defaults-disabled")) return action === "remove" ? done : undefined;
    const script = editor.text(`etc/init.d/${service}`);
    if (script === undefined) return editor.node(`etc/init.d/${service}`) === undefined ? done : undefined;
    const levels = (header: string): readonly string[] =>
      (new RegExp(`^# ${header}:(.*)$`, "m").exec(script)?.[1] ?? "").split(/\s+/).filter((level) => /^[0-6S]$/.test(level));
    // Without insserv, update-rc.d gives every service the number 01.
    const start = action === "defaults" ? "S01" : "K01";
    for (const level of levels("Default-Start")) editor.link(`etc/rc${level}.d/${start}${service}`, `../init.d/${service}`);
    for (const level of levels("Default-Stop")) editor.link(`etc/rc${level}.d/K01${service}`, `../init.d/${service}`);
    return done;
  };

  return { "deb-systemd-helper": helper, "update-rc.d": updateRc };
}

/** Turns its start links into stop links, or the reverse (update-rc.d, insserv_toggle). */
function switchService(editor: RootEditor, service: string, on: boolean): void {
  const [from, to] = on ? ["K", "S"] : ["S", "K"];
  for (const level of ["2", "3", "4", "5"]) {
    const folder = `etc/rc${level}.d`;
    const real = editor.tree.follow(folder);
    for (const name of real === undefined ? [] : editor.tree.list(real)) {
      if (!new RegExp(`^${from}[0-9]{2}$`).test(name.slice(0, 3)) || name.slice(3) !== service) continue;
      editor.remove(`${folder}/${name}`);
      editor.link(`${folder}/${to}01${service}`, `../init.d/${service}`);
    }
  }
}

/** Removes the links that the helper made; its state file for the unit stays (deb-systemd-helper, remove_links). */
function disableUnit(editor: RootEditor, unit: string): void {
  for (const line of (editor.text(`${stateFolder}/${unit}.dsh-also`) ?? "").split("\n")) {
    const link = line.replace(/^\/etc\/systemd\/system\//, "");
    if (link === "" || link === line) continue;
    editor.remove(`etc/systemd/system/${link}`);
    editor.remove(`${stateFolder}/${link}`);
  }
}

/** A service that was never installed counts as enabled, so that it is enabled when it is installed. */
function wasEnabled(editor: RootEditor, unit: string): boolean {
  const links = editor.text(`${stateFolder}/${unit}.dsh-also`);
  if (links === undefined) return true;
  return links.split("\n").some((link) => link !== "" && editor.ownNode(link.replace(/^\/+/, "")) !== undefined);
}

/** Makes the links of a unit's [Install] section and records them in the helper's state (deb-systemd-helper, make_systemd_links). */
function enableUnit(editor: RootEditor, unit: string, links: boolean, seen: ReadonlySet<string> = new Set()): readonly string[] {
  const folder = unitFolders.find((directory) => editor.node(joinRaw(directory, unit)) !== undefined);
  const text = folder === undefined ? undefined : editor.text(joinRaw(folder, unit));
  if (folder === undefined || text === undefined || seen.has(unit)) return [];
  const values = (key: string): readonly string[] =>
    [...text.matchAll(new RegExp(`^[ \\t]*${key}=(.*)$`, "gim"))]
      .flatMap(([, list = ""]) => list.trim().split(/\s+/))
      .filter((name) => name !== "");
  const made: string[] = [
    ...values("Alias").filter((alias) => alias !== unit),
    ...values("WantedBy").map((target) => `${target}.wants/${unit}`),
    ...values("RequiredBy").map((target) => `${target}.requires/${unit}`),
  ];
  for (const link of made) {
    if (!links) continue;
    editor.link(`etc/systemd/system/${link}`, `/${folder}/${unit}`);
    editor.write(`${stateFolder}/${link}`, "");
  }
  const others = values("Also").flatMap((also) => enableUnit(editor, also, links, new Set([...seen, unit])));
  const all = [...made.map((link) => `/etc/systemd/system/${link}`), ...others];
  if (all.length > 0) editor.write(`${stateFolder}/${baseNameOf(unit)}.dsh-also`, all.map((link) => `${link}\n`).join(""));
  return all;
}
