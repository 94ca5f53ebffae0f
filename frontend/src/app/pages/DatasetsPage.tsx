import { useNavigate, useSearch } from "@tanstack/react-router";
import { DatasetList } from "@/features/datasets/DatasetList";

export function DatasetsPage() {
  const { q = "" } = useSearch({ from: "/datasets" });
  const navigate = useNavigate();
  return (
    <DatasetList
      search={q}
      onSearch={(next) => navigate({ to: "/datasets", search: next ? { q: next } : {}, replace: true })}
    />
  );
}
