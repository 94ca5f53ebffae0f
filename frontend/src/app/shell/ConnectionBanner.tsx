import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useServerAnswers } from "@/api/connection";
import { http } from "@/api/http";
import classes from "./Shell.module.css";

const TRY_MS = 3_000;

/** While the server is silent: says so, knocks again, and reads everything anew once it answers. */
export function ConnectionBanner() {
  const answers = useServerAnswers();
  const client = useQueryClient();
  const wasSilent = useRef(false);
  useEffect(() => {
    if (answers) {
      if (wasSilent.current) client.invalidateQueries();
      wasSilent.current = false;
      return;
    }
    wasSilent.current = true;
    const knocking = setInterval(() => http.get("/me/").catch(() => {}), TRY_MS);
    return () => clearInterval(knocking);
  }, [answers, client]);
  return (
    <div role="status">
      {answers ? null : (
        <p className={classes.silent}>
          The server does not answer. What stands here may be old; the page goes on as soon as it is back.
        </p>
      )}
    </div>
  );
}
