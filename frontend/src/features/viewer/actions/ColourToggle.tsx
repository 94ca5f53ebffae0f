import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPalette, IconPaletteFilled } from "@tabler/icons-react";
import { useView } from "../view";

/** Whether labels take their own colour or that of the field that says them. */
export function ColourToggle() {
  const { search, change } = useView();
  const byField = search.colour === "field";
  const Icon = byField ? IconPaletteFilled : IconPalette;
  return (
    <Tooltip label={byField ? "Coloured by field; press for labels" : "Coloured by label; press for fields"}>
      <ActionIcon
        aria-label="Colour by field"
        aria-pressed={byField}
        color={byField ? "petrol" : "gray"}
        onClick={() => change({ colour: byField ? undefined : "field" }, { replace: true })}
      >
        <Icon size={18} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}
