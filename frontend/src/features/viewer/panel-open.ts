import { useLocalStorage } from "@mantine/hooks";

/** Whether the panel on the right is open, kept in this browser and the same wherever it is asked. */
export const usePanelOpen = () =>
  useLocalStorage({ key: "samplecase.panel", defaultValue: true, getInitialValueInEffect: false });
