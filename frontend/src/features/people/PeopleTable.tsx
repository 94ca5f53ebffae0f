import { ActionIcon, Badge, Group, Menu, Table, Text, VisuallyHidden } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDots, IconLink, IconUserCheck, IconUserOff } from "@tabler/icons-react";
import { messageOf } from "@/api/errors";
import { useMakeLink, useSetActive } from "@/api/people/people";
import type { Person } from "@/api/types";
import { Ago } from "@/components/Ago";
import type { MadeLink } from "./made-link";

interface Props {
  people: Person[];
  onLink: (made: MadeLink) => void;
}

export function PeopleTable({ people, onLink }: Props) {
  return (
    <Table.ScrollContainer minWidth={640} type="native">
      <Table aria-label="People" verticalSpacing="sm" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Username</Table.Th>
            <Table.Th>Name</Table.Th>
            <Table.Th>Email</Table.Th>
            <Table.Th>Last signed in</Table.Th>
            <Table.Th w={48}>
              <VisuallyHidden>Actions</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.map((person) => (
            <Row key={person.id} person={person} onLink={onLink} />
          ))}
        </Table.Tbody>
      </Table>
      {people.length === 0 ? (
        <Text c="dimmed" p="md">
          Nobody matches.
        </Text>
      ) : null}
    </Table.ScrollContainer>
  );
}

function Row({ person, onLink }: { person: Person; onLink: Props["onLink"] }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6}>
          <Text fw={600}>{person.username}</Text>
          {person.is_superuser ? <Badge variant="light">superuser</Badge> : null}
          {person.is_staff && !person.is_superuser ? <Badge variant="light">staff</Badge> : null}
          {person.is_active ? null : <Badge color="gray">not active</Badge>}
        </Group>
      </Table.Td>
      <Table.Td>{person.name}</Table.Td>
      <Table.Td>{person.email}</Table.Td>
      <Table.Td>
        <Came person={person} />
      </Table.Td>
      <Table.Td>
        <RowMenu person={person} onLink={onLink} />
      </Table.Td>
    </Table.Tr>
  );
}

function Came({ person }: { person: Person }) {
  if (person.last_login) return <Ago iso={person.last_login} />;
  if (!person.invited_until) return <>never</>;
  return <>invited until {new Date(person.invited_until).toLocaleDateString()}</>;
}

function RowMenu({ person, onLink }: { person: Person; onLink: Props["onLink"] }) {
  const make = useMakeLink();
  const setActive = useSetActive();
  const tell = (error: Error) => notifications.show({ color: "red", message: messageOf(error) });
  const { id, username, is_active } = person;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`Actions for ${username}`}>
          <IconDots size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          disabled={!is_active}
          leftSection={<IconLink size={16} stroke={1.6} />}
          onClick={() =>
            make.mutate(id, { onSuccess: ({ link }) => onLink({ username, link }), onError: tell })
          }
        >
          {person.last_login ? "Make a link to sign in with" : "Make another invitation"}
        </Menu.Item>
        <Menu.Item
          color={is_active ? "red" : undefined}
          leftSection={
            is_active ? <IconUserOff size={16} stroke={1.6} /> : <IconUserCheck size={16} stroke={1.6} />
          }
          onClick={() => setActive.mutate({ id, is_active: !is_active }, { onError: tell })}
        >
          {is_active ? "Take out of use" : "Let it be used again"}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
