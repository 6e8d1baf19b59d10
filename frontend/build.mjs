// Builds the cards into one module, and the tests that need no browser into others.
// `node build.mjs FOLDER TESTS`: the folders that they go to.

import { build } from "esbuild";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SHARED = { absWorkingDir: HERE, bundle: true, format: "esm", target: "es2022", logLevel: "warning" };
const [folder, tests] = process.argv.slice(2);
const names = (await readdir(join(HERE, "test"))).filter((name) => name.endsWith(".test.ts"));

await rm(tests, { recursive: true, force: true });
await build({ ...SHARED, entryPoints: names.map((name) => `test/${name}`), outdir: tests, outExtension: { ".js": ".mjs" }, platform: "node" });
await build({ ...SHARED, entryPoints: ["src/index.ts"], outfile: join(folder, "resume-sync.js"), minify: true });
