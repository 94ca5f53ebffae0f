import { ActionIcon, Tooltip } from "@mantine/core";
import { IconKeyboard } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { DatasetSelector } from "./DatasetSelector";
import { Logo } from "./Logo";
import classes from "./Shell.module.css";
import { ThemeToggle } from "./ThemeToggle";
import { UserMenu } from "./UserMenu";

export function Header({ onHelp }: { onHelp: () => void }) {
  return (
    <header className={classes.header}>
      <Link to="/datasets" className={classes.brand} aria-label="Samplecase home">
        <Logo />
        Samplecase
      </Link>
      <nav className={classes.nav} aria-label="Main">
        <Link to="/datasets" className={classes.link}>
          Datasets
        </Link>
        <Link to="/models" className={classes.link}>
          Models
        </Link>
        <a href="/api/v1/docs/" className={classes.link}>
          API docs
        </a>
      </nav>
      <DatasetSelector />
      <div className={classes.tools}>
        <Tooltip label="Keyboard shortcuts (?)">
          <ActionIcon aria-label="Keyboard shortcuts" onClick={onHelp}>
            <IconKeyboard size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        <ThemeToggle />
        <UserMenu />
      </div>
    </header>
  );
}
