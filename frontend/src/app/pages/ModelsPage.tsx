import { useNavigate, useSearch } from "@tanstack/react-router";
import { ModelsPage as Page } from "@/features/models/ModelsPage";
import { readModelSearch } from "@/lib/model-search";

export function ModelsPage() {
  const search = useSearch({ from: "/models" });
  const navigate = useNavigate({ from: "/models" });
  return (
    <Page
      search={search}
      onSearch={(changes) => navigate({ search: readModelSearch({ ...search, ...changes }), replace: true })}
    />
  );
}
