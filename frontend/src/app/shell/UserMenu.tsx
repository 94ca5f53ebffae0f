import { Avatar, Menu, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconHistory, IconLogout, IconSettings, IconUser, IconUsers } from "@tabler/icons-react";
import { useRef } from "react";
import { cookie } from "@/api/http";
import { useMe } from "@/api/me/get-me";
import { MenuItemLink } from "@/components/links";

export function UserMenu() {
  const { data: me } = useMe();
  const form = useRef<HTMLFormElement>(null);
  const token = useRef<HTMLInputElement>(null);
  if (!me) return null;
  const name = me.name || me.username;

  function signOut() {
    if (token.current) token.current.value = cookie("csrftoken");
    form.current?.submit();
  }

  return (
    <>
      <form ref={form} method="post" action="/logout/" hidden>
        <input ref={token} type="hidden" name="csrfmiddlewaretoken" />
      </form>
      <Menu position="bottom-end">
        <Menu.Target>
          <UnstyledButton ml={6} style={{ borderRadius: "50%" }}>
            <Avatar size={30} radius="xl" color="petrol" variant="filled" name={name} alt="" aria-hidden />
            <VisuallyHidden>Account of {name}</VisuallyHidden>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            <Text size="sm" fw={600} c="var(--mantine-color-text)" truncate>
              {name}
            </Text>
            {me.name ? <Text size="xs">{me.username}</Text> : null}
          </Menu.Label>
          <Menu.Divider />
          <MenuItemLink to="/account" leftSection={<IconUser size={16} stroke={1.6} />}>
            Account
          </MenuItemLink>
          <MenuItemLink to="/audit" leftSection={<IconHistory size={16} stroke={1.6} />}>
            Audit log
          </MenuItemLink>
          {me.is_staff || me.is_superuser ? (
            <MenuItemLink to="/people" leftSection={<IconUsers size={16} stroke={1.6} />}>
              People
            </MenuItemLink>
          ) : null}
          {me.is_staff ? (
            <Menu.Item component="a" href="/admin/" leftSection={<IconSettings size={16} stroke={1.6} />}>
              Administration
            </Menu.Item>
          ) : null}
          <Menu.Item leftSection={<IconLogout size={16} stroke={1.6} />} onClick={signOut}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
