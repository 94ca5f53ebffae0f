import { Alert, Button, List, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ApiError, messageOf } from "@/api/errors";

interface Props {
  error: unknown;
  title?: string;
  /** Pointers that are shown at their own input and need not be repeated here. */
  shownElsewhere?: (pointer: string) => boolean;
  onRetry?: () => void;
}

/** A refusal or a failure in words, with every place that is wrong; nothing when its inputs say it all. */
export function ErrorAlert({ error, title, shownElsewhere, onRetry }: Props) {
  if (!error) return null;
  const details = error instanceof ApiError ? error.details : [];
  const faults = details.filter((fault) => !shownElsewhere?.(fault.pointer));
  if (details.length > 0 && faults.length === 0) return null;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={title} role="alert">
      <Text size="sm">{messageOf(error)}</Text>
      {faults.length > 0 ? (
        <List size="sm" mt={4} spacing={2}>
          {faults.map((fault) => (
            <List.Item key={`${fault.pointer} ${fault.message}`}>
              {fault.pointer ? <code>{fault.pointer}</code> : null} {fault.message}
            </List.Item>
          ))}
        </List>
      ) : null}
      {onRetry ? (
        <Button size="xs" variant="default" mt="xs" onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </Alert>
  );
}
