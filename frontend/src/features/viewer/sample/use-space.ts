import { type RefObject, useEffect, useRef } from "react";
import { isTaken } from "@/lib/use-keys";

/** Whether the space bar is held: then a drag moves the picture, whatever the tool. */
export function useSpace(): RefObject<boolean> {
  const held = useRef(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== " " || (event.type === "keydown" && isTaken(event))) return;
      held.current = event.type === "keydown";
      if (held.current) event.preventDefault();
    };
    const onLeave = () => {
      held.current = false;
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("keyup", onKey);
    window.addEventListener("blur", onLeave);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("keyup", onKey);
      window.removeEventListener("blur", onLeave);
    };
  }, []);
  return held;
}
