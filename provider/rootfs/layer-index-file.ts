import type { LayerIndex } from "./node.js";
export function encodeLayerIndex(index: LayerIndex): Buffer {
  return Buffer.from(JSON.stringify(index));
}
export function decodeLayerIndex(bytes: Buffer): LayerIndex {
  return JSON.parse(bytes.toString()) as LayerIndex;
}
