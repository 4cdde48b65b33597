import type { Input } from "@pulumi/pulumi";

/** A list; each item may be an output. */
export type InputList<T> = Input<Input<T>[]>;

/** A map; each value may be an output. */
export type InputDict<T> = Input<{ [key: string]: Input<T> }>;
