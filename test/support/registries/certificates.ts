import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Certificates {
  readonly ca: string;
  readonly caFile: string;
  readonly certificate: string;
  readonly certificateFile: string;
  readonly key: string;
  readonly keyFile: string;
}

/** A CA and a certificate from it for localhost and 127.0.0.1 (and `names`), created by openssl in `folder`. */
export async function makeCertificates(folder: string, names: readonly string[] = []): Promise<Certificates> {
  const file = (name: string): string => join(folder, name);
  const subjects = ["DNS:localhost", "IP:127.0.0.1", ...names.map((name) => `DNS:${name}`)].join(",");
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run("openssl", [
    "req",
    "-x509",
    ...newKey,
    "-days",
    "2",
    "-subj",
    "/CN=Test CA",
    "-keyout",
    file("ca.key"),
    "-out",
    file("ca.pem"),
  ]);
  await run("openssl", ["req", ...newKey, "-subj", "/CN=localhost", "-keyout", file("server.key"), "-out", file("server.csr")]);
  await writeFile(file("server.ext"), `subjectAltName=${subjects}\nextendedKeyUsage=serverAuth\n`);
  const signing = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", file("server.ext")];
  await run("openssl", ["x509", "-req", "-in", file("server.csr"), ...signing, "-out", file("server.pem")]);
  return {
    ca: await readFile(file("ca.pem"), "utf8"),
    caFile: file("ca.pem"),
    certificate: await readFile(file("server.pem"), "utf8"),
    certificateFile: file("server.pem"),
    key: await readFile(file("server.key"), "utf8"),
    keyFile: file("server.key"),
  };
}
