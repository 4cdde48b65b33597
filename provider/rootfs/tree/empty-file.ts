import { digestOf } from "../../image/digest.js";
import type { FileNode } from "./node.js";

const content = { from: "bytes", digest: digestOf(Buffer.alloc(0)), size: 0, bytes: Buffer.alloc(0) } as const;

/** An empty file, 0644 root. */
export const emptyFile: FileNode = { type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, nanoseconds: 0, pax: {}, content };
