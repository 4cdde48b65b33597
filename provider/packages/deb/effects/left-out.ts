/**
 * What is not made although scripts make it, by the program that makes it. With a sentence, it is a notice; without, an image is as good
 * without it, and it is in the table of differences only (docs/semantics.md).
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
  "rndc-confgen": "no key for rndc is made, which all containers of the image would share: let each make its own (rndc-confgen -a)",
  "ssh-keygen": "no host keys are made, which all containers of the image would share: let each make its own at its start (ssh-keygen -A)",
  "make-ssl-cert": "no certificate is made, whose private key all containers of the image would share",
  pg_createcluster: "no database cluster is made: let a container make it (pg_createcluster)",
  mysql_install_db: "no database is made: let a container make it (mysql_install_db)",
  "locale-gen": "no locales are generated: add the package locales-all, which has them ready",
  "glib-compile-schemas": "settings of GLib are not compiled: programs that ask for them end (glib-compile-schemas)",
  "update-mime-database": "the database of MIME types is not made (update-mime-database)",
  "gtk-update-icon-cache": "",
  "update-icon-caches": "",
  "update-desktop-database": "",
  "update-initramfs": "",
  "pam-auth-update": "the common files of /etc/pam.d are not made (pam-auth-update)",
};

const byteCode = /^(?:\$hook\b|\S*\/python3[.0-9]* |\S*\/python3[.0-9]*$|\S*\.rtupdate|\S*\.rtinstall)/;

/** The sentence for a command as it stands; "" for one that is passed over, undefined for one that is not known here. */
export function leftOut(command: string): string | undefined {
  if (byteCode.test(command) || /^writing \/var\/log\//.test(command)) return "";
  const [first = "", ...rest] = command.split(" ").map((word) => word.replace(/^.*\//, ""));
  const names = /^(?:sh|bash|dash|perl|setpriv|runuser|su)$/.test(first) ? rest : [first];
  return names.map((name) => (Object.hasOwn(programs, name) ? programs[name] : undefined)).find((sentence) => sentence !== undefined);
}
