/**
 * What scripts make and this provider leaves out on purpose, by the program that makes it. With a sentence, it is a notice; without, an
 * image works as well without it, and only the table of differences lists it (docs/semantics.md).
 */
const programs: Readonly<Record<string, string>> = {
  "fc-cache": "",
  mandb: "",
  "gio-querymodules": "",
  "dbus-uuidgen": "",
  "systemd-machine-id-setup": "",
  pg_updatedicts: "",
  pg_checksystem: "",
  py3compile: "",
  pycompile: "",
  py3clean: "",
  pypy3compile: "",
  "aa-enabled": "",
  apparmor_parser: "",
  journalctl: "",
  "systemd-hwdb": "",
  "rndc-confgen": "no key for rndc is made, which all containers of the image would share: each should make its own (rndc-confgen -a)",
  "ssh-keygen":
    "no host keys are made, which all containers of the image would share: each should make its own when it starts (ssh-keygen -A)",
  "make-ssl-cert": "no certificate is made, since all containers of the image would share its private key",
  pg_createcluster: "no database cluster is made: create it in the container (pg_createcluster)",
  mysql_install_db: "no database is made: create it in the container (mysql_install_db)",
  "locale-gen": "no locales are generated: add the package locales-all, which has them prebuilt",
  "glib-compile-schemas": "GLib settings schemas are not compiled: programs that read them exit with an error (glib-compile-schemas)",
  "update-mime-database": "the MIME database is not built (update-mime-database)",
  "gtk-update-icon-cache": "",
  "update-icon-caches": "",
  "update-desktop-database": "",
  "update-initramfs": "",
  "pam-auth-update": "the common files of /etc/pam.d are not generated (pam-auth-update)",
};

const byteCode = /^(?:\$hook\b|\S*\/python3[.0-9]* |\S*\/python3[.0-9]*$|\S*\.rtupdate|\S*\.rtinstall)/;

/** The sentence for a command as written; "" for one that is skipped silently, undefined for one that is not in the table. */
export function leftOut(command: string): string | undefined {
  if (byteCode.test(command) || /^writing \/var\/log\//.test(command)) return "";
  const [first = "", ...rest] = command.split(" ").map((word) => word.replace(/^.*\//, ""));
  const names = /^(?:sh|bash|dash|perl|setpriv|runuser|su)$/.test(first) ? rest : [first];
  return names.map((name) => (Object.hasOwn(programs, name) ? programs[name] : undefined)).find((sentence) => sentence !== undefined);
}
