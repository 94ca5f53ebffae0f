import { useMemo, useRef } from "react";
import type { Sample } from "@/api/types";
import { moreRows, type Row } from "./layout";

const NONE: Row[] = [];

/** The samples in rows of this width; as more are read, only what is new is laid out. */
export function useRows(samples: Sample[], width: number, wished: number): Row[] {
  const last = useRef({ rows: NONE, width, wished });
  return useMemo(() => {
    if (width <= 0) return NONE;
    const isSame = last.current.width === width && last.current.wished === wished;
    const rows = moreRows(isSame ? last.current.rows : NONE, samples, width, wished);
    last.current = { rows, width, wished };
    return rows;
  }, [samples, width, wished]);
}
