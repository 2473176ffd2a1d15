/** How the editor is built: into the API's static folder, split so that each page loads only what it shows. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const engine = process.env.JOURNEY_URL ?? "http://127.0.0.1:8080";
const proxied = { target: engine, changeOrigin: true };

/** Packs each asset once, at build time, so that the web process only hands out files. */
function packed(): Plugin {
  return {
    name: "packed-assets",
    apply: "build",
    writeBundle({ dir }) {
      const assets = join(dir!, "assets");
      for (const name of readdirSync(assets).filter((one) => /\.(js|css|svg)$/.test(one))) {
        const content = readFileSync(join(assets, name));
        writeFileSync(join(assets, `${name}.br`), brotliCompressSync(content));
        writeFileSync(join(assets, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), packed()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../api/static/editor",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { "/api": proxied, "/socket.io": { ...proxied, ws: true } } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], css: true },
});
