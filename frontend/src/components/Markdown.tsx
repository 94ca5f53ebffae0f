import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import classes from "./Markdown.module.css";

const COMPONENTS: Components = {
  // What others wrote leads away from here, and learns nothing of where one came from.
  a: ({ href, children }) => (
    <a href={href} rel="noopener noreferrer nofollow" target="_blank">
      {children}
    </a>
  ),
  // A picture would be fetched from wherever its author says; its words stay.
  img: ({ alt }) => <em>{alt || "picture"}</em>,
};

/** Text with Markdown in it that somebody wrote: no HTML, no pictures, no addresses that run anything. */
export function Markdown({ children }: { children: string }) {
  return (
    <div className={classes.prose}>
      <ReactMarkdown remarkPlugins={[remarkGfm]} skipHtml components={COMPONENTS}>
        {children}
      </ReactMarkdown>
    </div>
  );
}
