import type { Digest } from "../../image/digest.js";
import type { LayerCompression } from "../../image/media-types.js";

/**
 * A path as tar and the kernel know it: bytes, one character a byte (latin1), relative to the root, without leading,
 * trailing or doubled slashes and without `.` and `..`. The root itself is "". Compared and sorted as bytes.
 */
export type RawPath = string;

export type NodeType = "file" | "directory" | "symlink" | "character" | "block" | "fifo";

/** A run of data inside a file: `length` bytes at `offset` of the content are at `position` of the source. Holes between runs are zeros. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
  readonly position: number;
}

/** Where the bytes of a file are. `digest` is of the whole content, holes included. */
export type Content =
  | { readonly from: "bytes"; readonly digest: Digest; readonly size: number; readonly bytes: Buffer }
  /** A layer's uncompressed tar, by the digest of the layer's blob; positions are offsets into the tar. */
  | { readonly from: "layer"; readonly digest: Digest; readonly size: number; readonly blob: Digest; readonly extents: readonly Extent[] }
  /** A file on the local disk, read again when the layer is written and checked against `digest`. */
  | { readonly from: "disk"; readonly digest: Digest; readonly size: number; readonly file: string };

/** An inode in a file tree, without its names. All names of one inode (hard links) share one object. */
export interface FileNode {
  readonly type: NodeType;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970, whole; may be negative. */
  readonly mtime: number;
  /** 0 to 999,999,999. */
  readonly nanoseconds: number;
  /** Pax records that have no field here: `SCHILY.xattr.*`, `SCHILY.acl.*` and so on. Keys and values are bytes (latin1). */
  readonly pax: Readonly<Record<string, string>>;
  /** Only on files. */
  readonly content?: Content;
  /** Only on symlinks: the target as written. */
  readonly target?: string;
  /** Only on devices. */
  readonly device?: { readonly major: number; readonly minor: number };
}

/** One entry of a layer as read from the tar, before it is applied to a tree. A hard link has `link` and no node. */
export type LayerEntry = { readonly path: RawPath; readonly node: FileNode } | { readonly path: RawPath; readonly link: RawPath };

/** The entries of one layer's tar, in the order of the tar. Whiteouts are entries whose last part starts with `.wh.`. */
export interface LayerIndex {
  readonly diffId: Digest;
  /** Of the uncompressed tar, in bytes. */
  readonly size: number;
  /** Of the blob, in bytes. */
  readonly blobSize: number;
  /** How the blob is compressed, whatever its media type says. */
  readonly compression: LayerCompression;
  readonly entries: readonly LayerEntry[];
}
