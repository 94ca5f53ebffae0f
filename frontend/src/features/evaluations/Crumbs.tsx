import { Link } from "@tanstack/react-router";
import type { Dataset, Evaluation } from "@/api/types";
import classes from "./evaluations.module.css";

/** Where the evaluation belongs, and what it compares. */
export function Crumbs({ dataset, evaluation }: { dataset: Dataset; evaluation: Evaluation }) {
  const params = { datasetId: dataset.id };
  return (
    <>
      <Link to="/datasets/$datasetId" params={params} className={classes.crumb}>
        {dataset.name}
      </Link>
      <span className={classes.crumb}> / </span>
      <Link to="/datasets/$datasetId/evaluations" params={params} className={classes.crumb}>
        Evaluations
      </Link>
      <br />
      {evaluation.predictions} against {evaluation.ground_truth}
    </>
  );
}
