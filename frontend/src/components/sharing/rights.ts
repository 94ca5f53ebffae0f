/** The rights that can be given, in order, and what each one means to the person who gets it. */

import type { SharedKind } from "@/api/sharing/sharing";

export interface Right {
  value: string;
  label: string;
  meaning: string;
}

export const RIGHTS: Record<SharedKind, Right[]> = {
  models: [
    { value: "view", label: "can view", meaning: "sees the model, its versions and deployments" },
    { value: "run", label: "can run", meaning: "also runs it on datasets that he or she may label" },
    {
      value: "edit",
      label: "can edit",
      meaning: "also uploads versions, deploys, changes what stands here, and shares",
    },
  ],
  datasets: [
    { value: "view", label: "can view", meaning: "sees samples, fields and jobs" },
    { value: "label", label: "can label", meaning: "also writes values and runs models on the samples" },
    {
      value: "edit",
      label: "can edit",
      meaning: "also adds and deletes samples and fields, and shares",
    },
  ],
};
