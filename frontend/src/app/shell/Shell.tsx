import { useDisclosure } from "@mantine/hooks";
import { useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { isDialogOpen, useKeys } from "@/lib/use-keys";
import { ConnectionBanner } from "./ConnectionBanner";
import { Header } from "./Header";
import { KeyboardHelp } from "./KeyboardHelp";
import classes from "./Shell.module.css";

/** Header above, the page below; the page scrolls inside its own area. */
export function Shell({ children }: { children: ReactNode }) {
  const [helpOpened, help] = useDisclosure(false);
  const { sample, review } = useSearch({ strict: false });
  const isAtSample = sample !== undefined || review !== undefined;
  // The help lies over a sample, but never over a form: Esc would then close both and lose what was typed.
  useKeys({ help: () => (helpOpened || isAtSample || !isDialogOpen()) && help.toggle() });
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <Header onHelp={help.open} />
      <ConnectionBanner />
      <main id="main" className={classes.main} tabIndex={-1}>
        {children}
      </main>
      <KeyboardHelp opened={helpOpened} onClose={help.close} />
    </div>
  );
}
