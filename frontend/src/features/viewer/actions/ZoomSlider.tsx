import { Slider } from "@mantine/core";
import { DEFAULT_ZOOM } from "@/lib/view-search";
import { useView } from "../view";

export function ZoomSlider() {
  const { search, change } = useView();
  return (
    <Slider
      w={96}
      mx={4}
      size="xs"
      min={0}
      max={10}
      label={null}
      thumbLabel="Size of the pictures"
      value={search.zoom ?? DEFAULT_ZOOM}
      onChange={(zoom) => change({ zoom: zoom === DEFAULT_ZOOM ? undefined : zoom }, { replace: true })}
    />
  );
}
