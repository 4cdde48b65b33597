import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { asError, DhiError } from "../../errors.js";
import type { ScanAnswer, ScanRequest } from "./archive-scan.js";
import { PackageIndex } from "./package-index.js";

function answer({ file, what }: ScanRequest): ScanAnswer {
  try {
    return { kind: "table", bytes: PackageIndex.scan(readFileSync(file), what).encode() };
  } catch (thrown) {
    return { kind: "failed", code: thrown instanceof DhiError ? thrown.code : undefined, message: asError(thrown).message };
  }
}

parentPort?.postMessage(answer(workerData as ScanRequest));
