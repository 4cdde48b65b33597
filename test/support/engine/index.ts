export { publishBase } from "./base-image.js";
export type { Run } from "./cli.js";
export { packageFolder } from "../package-folder.js";
export { openProject, skipWithoutEngine, type EngineProject } from "./project.js";
export { openStage, type Stage } from "./stage.js";
export { startWatchedRegistry, type WatchedRegistry } from "./registry.js";
