/** The API's objects by the page's names for them; their shapes are generated from its description. */

import type { Filter } from "@/lib/filter";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
/** A browser that one is signed in with. */
export type Session = Schemas["Session"];
export type Token = Schemas["Token"];
export type TokenRequest = Schemas["TokenRequestRequest"];
export type NewToken = Schemas["NewToken"];
export type Person = Schemas["Person"];
export type InvitationRequest = Schemas["InvitationRequest"];
export type Invited = Schemas["Invited"];
export type OneTimeLink = Schemas["Link"];
export type Candidates = Schemas["Candidates"];
export type AuditEntry = Schemas["AuditEntry"];

export type Dataset = Schemas["Dataset"];
export type DatasetRight = Dataset["access"];
export type Field = Schemas["Field"];
export type FieldType = Field["type"];
export type NewField = Schemas["NewFieldRequest"];
export type FieldChanges = Schemas["PatchedFieldChangesRequest"];
export type WrittenValues = Schemas["Written"];
export type Sample = Omit<Schemas["Sample"], "values"> & { values: Record<string, unknown> };
export type SamplePage = Omit<Schemas["SamplePage"], "results"> & { results: Sample[] };
/** Who wrote a value. */
export type ValueFacts = Schemas["Provenance"];
export type Source = ValueFacts["source"];
export type LabelCount = Schemas["LabelCount"];
export type Bin = Schemas["Bin"];
export type Spread = Schemas["Spread"];
export type FieldFacet = Schemas["FieldFacet"];
export type Facets = Schemas["Facets"];
/** A filter, an order and the fields to be seen, under a name. */
export type SavedView = Omit<Schemas["View"], "filter"> & { filter: Filter | null };
/** A queue of samples whose labels by a model are looked at by people. */
export type Review = Omit<Schemas["Review"], "filter"> & { filter: Filter | null };
export type ReviewCounts = Schemas["ReviewCounts"];
export type ReviewDecision = Schemas["ReviewDecisionRequest"]["decision"];
export type ReviewOutcome = Schemas["ReviewOutcome"];
export type BulkReport = Schemas["BulkReport"];
export type BulkUndone = Schemas["BulkUndone"];
export type UploadReport = Schemas["UploadReport"];
export type ResumableUpload = Schemas["ResumableUpload"];

export type Job = Schemas["Job"];
export type JobState = Job["state"];
export type JobError = Schemas["SampleError"];
/** What a model did on one dataset. */
export type ModelRuns = Schemas["ModelRuns"];
export type JobReason = Schemas["Reason"];
export type Replica = Job["replicas"][number];
export type Bottleneck = NonNullable<Job["bottleneck"]>;
/** What a dry run's model answered for one sample. */
export type SamplePreview = Omit<Schemas["Preview"], "outputs" | "error"> & {
  outputs: Record<string, unknown>;
  error?: { reason: string; message: string };
};
export type JobEntry = Schemas["EntryRequest"];
export type Evaluation = Schemas["Evaluation"];
/** With the curves of its classes. */
export type EvaluationDetail = Schemas["EvaluationDetail"];
export type ClassScore = Evaluation["per_class"][number];
export type Confusion = Evaluation["confusion"];
export type NewEvaluation = Omit<Schemas["NewEvaluationRequest"], "filter"> & { filter?: Filter };
/** An embedding field laid out on a plane. */
export type Projection = Omit<Schemas["Projection"], "filter"> & { filter: Filter | null };
export type ProjectionMethod = Schemas["Method"];
export type NewProjection = Omit<Schemas["NewProjectionRequest"], "filter"> & { filter?: Filter };
export type Points = Schemas["Points"];
export type Neighbour = Schemas["Neighbour"];
export type Submission = Schemas["Submission"];
export type JobRequest = Omit<Schemas["OrderRequest"], "filter"> & { filter?: Filter };
export type OnExisting = NonNullable<JobEntry["on_existing"]>;

export type ImportPreview = Schemas["ImportPreview"];
export type ImportedField = ImportPreview["fields"][number];
export type ExchangeFormat = ImportPreview["format"];
export type ExchangeMade = Schemas["ImportMade"];
export type ExportRequest = Omit<Schemas["NewExportRequest"], "filter"> & { filter?: unknown };
/** How a file that was sent is to be imported. */
export interface ImportOptions {
  format?: ExchangeFormat;
  fields?: Record<string, string | null>;
  classes?: Record<string, string | null>;
  on_existing?: "skip" | "replace";
}

export type Model = Schemas["Model"];
export type ModelRight = Model["access"];
export type ModelSchema = Schemas["ModelSchema"];
export type ModelVersion = Schemas["VersionSummary"];
export type VersionFacts = Schemas["Version"];
export type Alias = Schemas["Alias"];
export type AliasMove = Schemas["AliasMove"];
export type Comparison = Schemas["Comparison"];
/** One difference of two schemas. */
export type SchemaChange = Comparison["changes"][number];
/** The number that a next version would get, and why. */
export type Proposal = NonNullable<Schemas["CheckedSchema"]["proposal"]>;
export type Deployment = Schemas["Deployment"];
export type Measured = Schemas["Measured"];
export type Plan = Schemas["Plan"];
export type Tuning = Schemas["Tuning"];
export type Tried = Schemas["Tried"];
export type DeploymentState = Deployment["state"];

/** A node of the schema dialect, as far as the page looks into it. */
export type JsonSchema = {
  [keyword: string]: unknown;
  type?: string;
  properties?: Record<string, JsonSchema>;
};

export interface Page<T> {
  results: T[];
  next: string | null;
  /** All there are, whatever the page; null: not known. */
  count?: number | null;
}
