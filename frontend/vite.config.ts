import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const backend = process.env.SAMPLECASE_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/static/samplecase/",
  plugins: [react()],
  resolve: { alias: { "@": here("./src") } },
  build: {
    outDir: here("../platform/samplecase/static/samplecase"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // Django renders the HTML and finds this entry in the manifest; index.html serves `npm run dev` alone.
    rolldownOptions: { input: "src/main.tsx" },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/login", "/logout", "/welcome", "/admin", "/static/admin"].map((path) => [path, backend]),
    ),
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
  },
});
