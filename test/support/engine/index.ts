export { publishBase, type BaseOptions } from "./base-image.js";
export type { Run } from "./cli.js";
export type { Properties, Step } from "./events.js";
export { openProject, packageFolder, skipWithoutEngine, type EngineProject, type RunOptions } from "./project.js";
export { startWatchedRegistry, type WatchedRegistry } from "./registry.js";
export type { StackState, StateResource } from "./state.js";
export { openStage, type Declarations, type Stage } from "./stage.js";
