import classes from "./LogText.module.css";

/** What a model printed, in a box of its own that the keyboard can scroll. */
export function LogText({ label, text }: { label: string; text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: focusable, so that the arrow keys can scroll it
    <section className={classes.log} aria-label={label} tabIndex={0}>
      <pre>{text}</pre>
    </section>
  );
}
