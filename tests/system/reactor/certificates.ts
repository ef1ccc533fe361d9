/** A certificate authority with a chain of its own, made by openssl, which names only this machine. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificates {
  /** The file of the root that clients trust. */
  rootFile: string;
  root: string;
  /** Of the server: its own and the intermediate one behind it. */
  chain: string;
  key: string;
  remove(): void;
}

/** Root, intermediate and server, as real sites have them. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "certificates-"));
  const openssl = (...args: string[]): void =>
    void execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const file = (name: string): string => readFileSync(join(folder, name), "utf8");
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "root.key",
    "-out",
    "root.pem",
    "-subj",
    "/CN=test root",
    "-days",
    "2",
  );
  const sign = (name: string, issuer: string, extensions: string): void => {
    writeFileSync(join(folder, `${name}.ext`), extensions);
    openssl("req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    const by = ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key`, "-CAcreateserial"];
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      ...by,
      "-out",
      `${name}.pem`,
      "-days",
      "2",
      "-extfile",
      `${name}.ext`,
    );
  };
  sign("intermediate", "root", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign");
  sign("server", "intermediate", "subjectAltName=DNS:localhost,DNS:other.test,IP:127.0.0.1");
  return {
    rootFile: join(folder, "root.pem"),
    root: file("root.pem"),
    chain: `${file("server.pem")}${file("intermediate.pem")}`,
    key: file("server.key"),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
