import { Badge } from "@mantine/core";

/** Tags as chips; with `onClick` each is a button. */
export function TagBadges({ tags, onClick }: { tags: string[]; onClick?: (tag: string) => void }) {
  return tags.map((tag) =>
    onClick ? (
      <Badge
        key={tag}
        variant="light"
        tt="none"
        fw={500}
        size="sm"
        component="button"
        type="button"
        style={{ cursor: "pointer" }}
        aria-label={`Search for the tag ${tag}`}
        onClick={() => onClick(tag)}
      >
        {tag}
      </Badge>
    ) : (
      <Badge key={tag} variant="light" size="sm" tt="none" fw={500}>
        {tag}
      </Badge>
    ),
  );
}
