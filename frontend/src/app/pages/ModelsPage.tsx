import { useNavigate, useSearch } from "@tanstack/react-router";
import { ModelsPage as Page } from "@/features/models/ModelsPage";

export function ModelsPage() {
  const { q = "" } = useSearch({ from: "/models" });
  const navigate = useNavigate({ from: "/models" });
  return (
    <Page query={q} onQuery={(query) => navigate({ search: query ? { q: query } : {}, replace: true })} />
  );
}
