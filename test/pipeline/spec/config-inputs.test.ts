import { imageInputs } from "../../../provider/pipeline/spec/image-inputs.js";
import { table } from "./schema-table.js";

const noSignal = /is not a signal\. Give a name such as SIGTERM or SIGRTMIN\+3, or a number from "1" to "64"$/;

table(
  "stopSignal",
  imageInputs.stopSignal,
  ["SIGTERM", "SIGKILL", "SIGUSR1", "SIGRTMIN", "SIGRTMIN+1", "SIGRTMIN+15", "SIGRTMAX-1", "SIGRTMAX-14", "SIGRTMAX", "1", "15", "64"].map(
    (name) => [name, name],
  ),
  [
    ...["", "TERM", "sigterm", "SIGNONE", " SIGTERM", "SIGTERM\n", "0", "65", "015", "-1", "1.5"].map(
      (value) => [value, noSignal] as const,
    ),
    ...["SIGRTMIN+0", "SIGRTMIN+16", "SIGRTMIN3", "SIGRTMAX-0", "SIGRTMAX-15", "SIGRTMAX+1"].map((value) => [value, noSignal] as const),
    [15, /^15 is not a string\. Give a signal such as SIGTERM$/],
    [null, /is not a string/],
  ],
);

const noPort = /is not a port\. Give one from 1 to 65535, such as "8080", "8080\/tcp" or "53\/udp"$/;

table(
  "exposedPorts",
  imageInputs.exposedPorts,
  [
    [[], []],
    [
      ["1", "65535"],
      ["1/tcp", "65535/tcp"],
    ],
    [
      ["8080", "8080/tcp", "53/udp", "9/sctp"],
      ["8080/tcp", "8080/tcp", "53/udp", "9/sctp"],
    ],
  ],
  [
    ...["", "0", "65536", "080", "-1", "+1", "80.0", "80/", "/tcp", "80/TCP", "80/http", "80-90", "80/tcp/udp", " 80", "80\n"].map(
      (value) => [[value], noPort] as const,
    ),
    [[8080], /^8080 is not a string\. Give a port such as "8080", "8080\/tcp" or "53\/udp"$/],
    ["8080", /^is not a list\. Give a list of ports$/],
  ],
);

table(
  "volumes",
  imageInputs.volumes,
  [
    [[], []],
    [
      ["/data", "/var//lib/./x/", "/é b:c"],
      ["/data", "/var/lib/x", "/é b:c"],
    ],
  ],
  [
    [[""], /^"" is not absolute\. Start it with a slash$/],
    [["data"], /^"data" is not absolute/],
    [["./data"], /is not absolute/],
    [["/"], /^"\/" is the root folder, which is not a volume\. Name a folder below it$/],
    [["//."], /is the root folder/],
    [["/a/../b"], /contains "\.\."\. Write the resulting path itself$/],
    [["/a\u0000"], /contains a NUL byte/],
    [["/\ud800"], /is not valid Unicode/],
    [[{ path: "/data" }], /^an object or list is not a string\. Give an absolute path$/],
    ["/data", /^is not a list\. Give a list of absolute paths$/],
  ],
);
