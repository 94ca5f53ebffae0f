import { useNavigate, useSearch } from "@tanstack/react-router";
import { DatasetList } from "@/features/datasets/DatasetList";

export function DatasetsPage() {
  const search = useSearch({ from: "/datasets" });
  const navigate = useNavigate({ from: "/datasets" });
  return (
    <DatasetList
      search={search.q ?? ""}
      onSearch={(q) => navigate({ search: { ...search, q: q || undefined }, replace: true })}
      shared={search.shared}
      onShared={(shared) => navigate({ search: { ...search, shared }, replace: true })}
    />
  );
}
