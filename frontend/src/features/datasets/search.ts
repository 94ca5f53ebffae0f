import type { Dataset } from "@/api/types";

/** Datasets whose name, description or tags contain every word. */
export function matching(datasets: Dataset[], search: string): Dataset[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return datasets.filter(({ name, description, tags }) => {
    const text = [name, description, ...tags].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
