import { useParams } from "@tanstack/react-router";
import { ModelPage as Page } from "@/features/models/ModelPage";

export function ModelPage() {
  const { modelId } = useParams({ from: "/models/$modelId" });
  return <Page key={modelId} id={modelId} />;
}
