/** The import directions of the front end, checked: lib ← annotation ← api ← components ← features ← app. */

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { expect, test } from "vitest";

const SRC = resolve(__dirname);
const RANK = ["lib", "annotation", "api", "components", "features", "app"];

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/** [importing file, imported path], both relative to src. */
function imports(): [string, string][] {
  return sources(SRC).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"(@\/|\.\.?\/)([^"]+)"/g)].map(
      ([, start, rest]): [string, string] => {
        const base = start === "@/" ? SRC : resolve(file, "..", start ?? ".");
        return [relative(SRC, file), relative(SRC, resolve(base, rest ?? ""))];
      },
    ),
  );
}

const part = (path: string, index: number) => path.split(sep)[index] ?? "";

test("layers import downwards only", () => {
  const upwards = imports().filter(([from, to]) => {
    const [a, b] = [RANK.indexOf(part(from, 0)), RANK.indexOf(part(to, 0))];
    return a >= 0 && b > a;
  });
  expect(upwards).toEqual([]);
});

test("features do not import each other", () => {
  const across = imports().filter(
    ([from, to]) =>
      part(from, 0) === "features" && part(to, 0) === "features" && part(from, 1) !== part(to, 1),
  );
  expect(across).toEqual([]);
});

test("no file grows past 220 lines", () => {
  const long = sources(SRC).filter(
    (file) => !file.endsWith(".gen.ts") && readFileSync(file, "utf8").split("\n").length > 220,
  );
  expect(long).toEqual([]);
});
