/** Colours, type and densities of the product: cool neutrals and one accent, the petrol of an old suitcase's lining. */

import { createTheme, type MantineColorsTuple } from "@mantine/core";

const petrol: MantineColorsTuple = [
  "#e9f6f6",
  "#d2eaea",
  "#a5d5d6",
  "#74bfc0",
  "#4faeaf",
  "#35a0a2",
  "#1e8486",
  "#0f6f72",
  "#0a5b5e",
  "#05464a",
];

const slate: MantineColorsTuple = [
  "#f7f8fa",
  "#eff1f4",
  "#e3e6eb",
  "#d2d7de",
  "#b4bbc6",
  "#8b94a2",
  "#667080",
  "#4b5462",
  "#343b47",
  "#1f242d",
];

const night: MantineColorsTuple = [
  "#d9dee6",
  "#b6bec9",
  "#8d97a6",
  "#677181",
  "#3f4855",
  "#2f3742",
  "#222832",
  "#161a21",
  "#11141a",
  "#0c0e13",
];

export const theme = createTheme({
  colors: { petrol, gray: slate, dark: night },
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 7 },
  autoContrast: true,
  defaultRadius: "sm",
  cursorType: "pointer",
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, monospace",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  headings: {
    fontFamily: "'Inter Variable', system-ui, sans-serif",
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.5rem", lineHeight: "1.3" },
      h2: { fontSize: "1.1875rem", lineHeight: "1.35" },
      h3: { fontSize: "1rem", lineHeight: "1.4" },
      h4: { fontSize: "0.875rem", lineHeight: "1.45" },
    },
  },
  components: {
    Button: { defaultProps: { size: "sm" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: "lg" } },
    Loader: { defaultProps: { role: "status" } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } } },
    Modal: {
      defaultProps: {
        centered: true,
        closeButtonProps: { "aria-label": "Close" },
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
      },
      styles: { title: { fontWeight: 620, fontSize: "1rem", lineHeight: 1.35, overflowWrap: "anywhere" } },
    },
    Input: { styles: { input: { textOverflow: "ellipsis" } } },
    TextInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", checkIconPosition: "right" } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true } },
    // What would take the first focus is no item, and a menu has none but items.
    Menu: { defaultProps: { shadow: "md", width: 220, withInitialFocusPlaceholder: false } },
    Table: { defaultProps: { verticalSpacing: "xs" } },
  },
});
