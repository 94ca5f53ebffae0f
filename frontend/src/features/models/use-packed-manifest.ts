import { useEffect, useState } from "react";
import { packedManifest } from "./packed-manifest";

interface Packed {
  /** The package's own schema, as JSON text; empty where it has none. */
  schema: string;
  version: string | null;
}

const NOTHING: Packed = { schema: "", version: null };

/** What a chosen package says of itself. */
export function usePackedManifest(file: File | null): Packed {
  const [packed, setPacked] = useState(NOTHING);
  useEffect(() => {
    let isCurrent = true;
    setPacked(NOTHING);
    if (file) {
      packedManifest(file).then((manifest) => {
        if (!isCurrent || !manifest) return;
        const { schema, version } = manifest;
        setPacked({
          schema: schema ? JSON.stringify(schema) : "",
          version: typeof version === "string" ? version : null,
        });
      });
    }
    return () => {
      isCurrent = false;
    };
  }, [file]);
  return packed;
}
