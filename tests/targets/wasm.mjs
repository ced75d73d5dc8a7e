// Runs a model's self-test in WebAssembly: node wasm.mjs FILE.wasm NAME
import { readFileSync } from "node:fs";

const [file, name] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(file), {});
const { memory, __heap_base } = instance.exports;
const off = instance.exports[`${name}_self_test`](__heap_base.value);
const worst = new DataView(memory.buffer).getFloat32(__heap_base.value, true);
console.log(`${off} examples are off, by ${Math.round(worst * 1e9)} billionths`);
process.exit(off > 0 ? 1 : 0);
