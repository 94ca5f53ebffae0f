import { expect, test } from "vitest";
import type { Job } from "@/api/types";
import { runsByDataset } from "./runs";

const job = (id: number, dataset: number, version: string | null, done = 1, dry_run: number | null = null) =>
  ({ id, dataset, version, done, dry_run }) as Job;

test("jobs are gathered by dataset, tries left out, the newest first", () => {
  const jobs = [job(1, 5, "1.0.0", 3), job(2, 6, "1.0.0"), job(3, 5, "1.1.0", 4), job(4, 6, null, 9, 8)];
  expect(runsByDataset(jobs)).toEqual([
    { dataset: 5, jobs: 2, samples: 7, versions: ["1.0.0", "1.1.0"], last: jobs[2] },
    { dataset: 6, jobs: 1, samples: 1, versions: ["1.0.0"], last: jobs[1] },
  ]);
});
