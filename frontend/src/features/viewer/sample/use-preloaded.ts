import { useEffect } from "react";
import type { Sample } from "@/api/types";

/** The neighbours' pictures are fetched ahead, so that stepping shows them at once. */
export function usePreloaded(...neighbours: (Sample | undefined)[]) {
  const urls = neighbours.map((sample) => sample?.media_url ?? "").join(" ");
  useEffect(() => {
    for (const url of urls.split(" ").filter(Boolean)) {
      const image = new Image();
      image.src = url;
      // Decoded ahead too; one that cannot be is said when it is shown.
      image.decode().catch(() => {});
    }
  }, [urls]);
}
