import { createContext, use } from "react";
import { count } from "@/lib/format";
import classes from "./filters.module.css";

/** Whether the panel's numbers are estimates; told once, for there may be thousands of them. */
export const Estimate = createContext(false);

/** A number of samples; with ≈ while it is an estimate. */
export function Count({ of, title }: { of: number; title?: string }) {
  const isEstimate = use(Estimate);
  return (
    <span className={classes.count} title={isEstimate ? "About; being counted" : title}>
      {isEstimate ? "≈ " : ""}
      {count(of)}
    </span>
  );
}
