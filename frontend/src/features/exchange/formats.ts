/** The interchange formats as people choose them, and what each can carry. */

import type { ExchangeFormat, Field, FieldType } from "@/api/types";

interface Format {
  title: string;
  says: string;
  /** Null: fields of every type. */
  types: readonly FieldType[] | null;
  isSingle?: boolean;
  needsMedia?: boolean;
}

const SHAPES: readonly FieldType[] = ["detections", "polylines", "keypoints"];
const CLASSES: readonly FieldType[] = ["classification", "classifications"];

export const FORMATS: Record<ExchangeFormat, Format> = {
  samplecase: {
    title: "Samplecase archive",
    says: "Everything, with who wrote each value. To move a dataset or to keep it.",
    types: null,
  },
  coco: { title: "COCO", says: "Boxes, polygons, masks and keypoints in one JSON.", types: SHAPES },
  yolo: {
    title: "YOLO",
    says: "A text per image and data.yaml, as Ultralytics trains on.",
    types: ["detections", "polylines"],
    isSingle: true,
  },
  voc: { title: "Pascal VOC", says: "An XML of boxes per image.", types: ["detections"], isSingle: true },
  cvat: {
    title: "CVAT for images 1.1",
    says: "One XML that CVAT takes in.",
    types: [...SHAPES, ...CLASSES],
  },
  label_studio: {
    title: "Label Studio",
    says: "Tasks as JSON; labels with a confidence are predictions.",
    types: [...SHAPES, ...CLASSES],
  },
  fiftyone: { title: "FiftyOne", says: "A FiftyOneDataset: samples.json and data.", types: null },
  csv: { title: "CSV", says: "A row per sample, a column per field.", types: null },
  image_folder: {
    title: "Image folder",
    says: "The images in a folder per class.",
    types: ["classification"],
    isSingle: true,
    needsMedia: true,
  },
};

const names = Object.keys(FORMATS) as ExchangeFormat[];

export const FORMAT_OPTIONS = names.map((value) => ({ value, label: FORMATS[value].title }));

/** The fields that a format can carry. */
export function carried(format: ExchangeFormat, fields: Field[]): Field[] {
  const { types } = FORMATS[format];
  const isMask = (type: FieldType) => type === "segmentation" || type === "heatmap";
  return fields.filter(({ type }) =>
    types ? types.includes(type) : format === "samplecase" || !isMask(type),
  );
}

/** The fields that are chosen before anyone chooses. */
export function usual(format: ExchangeFormat, fields: Field[]): string[] {
  const fitting = carried(format, fields).map(({ name }) => name);
  return FORMATS[format].isSingle ? fitting.slice(0, 1) : fitting;
}
