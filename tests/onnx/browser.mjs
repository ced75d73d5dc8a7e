// As runtime.py, of onnxruntime-web in Chromium: a page that loads it and the model, with inputs of numbers and of words.
// node browser.mjs NODE_MODULES CHROMIUM
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [modules, chromium] = process.argv.slice(2);
const { chromium: playwright } = createRequire(modules + "/")("playwright-core");
const dist = modules + "/onnxruntime-web/dist/";
const types = { html: "text/html", mjs: "text/javascript", wasm: "application/wasm" };
let model = "";

const server = createServer(async (request, response) => {
    const name = request.url.slice(1).replace(/\?.*/, "");
    try {
        const body = name === "" ? "<!doctype html><title>onnxruntime-web</title>" : await readFile(name === "model" ? model : dist + name);
        response.writeHead(200, { "Content-Type": types[name.split(".").pop()] ?? "text/html" });
        response.end(body);
    } catch {
        response.writeHead(404).end();
    }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const browser = await playwright.launch({ executablePath: chromium, args: ["--no-sandbox"] });
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.address().port}/`);

const answer = async (inputs) => {
    const ort = await import("/ort.wasm.min.mjs");
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create("/model?" + Math.random());
    const feeds = {};
    for (const { name, type } of session.inputMetadata) {
        const { values, shape } = inputs[name];
        const numbers = type === "float64" ? Float64Array : Float32Array;
        feeds[name] = new ort.Tensor(type, type === "string" ? values : numbers.from(values, (v) => v ?? NaN), shape);
    }
    const { y } = await session.run(feeds);
    await session.release();
    return { y: Array.from(y.data, (v) => (Number.isNaN(v) ? null : v)), shape: Array.from(y.dims), type: y.type };
};

console.log(JSON.stringify({ version: browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    model = request.model;
    try {
        console.log(JSON.stringify(await page.evaluate(answer, request.inputs)));
    } catch (error) {
        console.log(JSON.stringify({ error: String(error) }));
    }
}
await browser.close();
server.close();
