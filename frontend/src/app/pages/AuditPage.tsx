import { useNavigate, useSearch } from "@tanstack/react-router";
import { AuditPage as Page } from "@/features/audit/AuditPage";

export function AuditPage() {
  const filter = useSearch({ from: "/audit" });
  const navigate = useNavigate({ from: "/audit" });
  return <Page filter={filter} onFilter={(search) => navigate({ search, replace: true })} />;
}
