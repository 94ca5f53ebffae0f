import { Button, Group, Modal, Radio, Select, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useMakeToken } from "@/api/tokens/tokens";
import type { Token } from "@/api/types";
import { ErrorAlert } from "@/components/ErrorAlert";
import { SCOPES } from "./scopes";

interface Props {
  opened: boolean;
  onClose: () => void;
  /** With the token's text, which is known this once. */
  onMade: (text: string) => void;
}

const DAYS = [
  { value: "7", label: "in a week" },
  { value: "30", label: "in a month" },
  { value: "90", label: "in three months" },
  { value: "365", label: "in a year" },
];

export function MakeToken({ opened, onClose, onMade }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="New token">
      <MakeForm onClose={onClose} onMade={onMade} />
    </Modal>
  );
}

function MakeForm({ onClose, onMade }: Omit<Props, "opened">) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Token["scope"]>("write");
  const [days, setDays] = useState("90");
  const make = useMakeToken();

  function submit(event: FormEvent) {
    event.preventDefault();
    const expires = new Date(Date.now() + Number(days) * 86_400_000).toISOString();
    make.mutate(
      { name: name.trim(), scope, expires },
      {
        onSuccess: ({ token }) => {
          onMade(token);
          onClose();
        },
      },
    );
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="Name"
          description="What it is for"
          maxLength={100}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Radio.Group label="It may" value={scope} onChange={(value) => setScope(value as Token["scope"])}>
          <Stack gap="xs" mt={6}>
            {SCOPES.map(({ value, label, meaning }) => (
              <Radio key={value} value={value} label={label} description={meaning} />
            ))}
          </Stack>
        </Radio.Group>
        <Select
          label="It ends"
          data={DAYS}
          value={days}
          allowDeselect={false}
          onChange={(value) => setDays(value ?? "90")}
        />
        <ErrorAlert error={make.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending}>
            Make token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
