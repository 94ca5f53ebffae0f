// @vitest-environment node
import { expect, test } from "vitest";
import { packedManifest } from "./packed-manifest";

// Each with model.json in a folder too, which does not count; made by Python's zipfile.
const STORED =
  "UEsDBBQAAAAAAAAAIQBDv6ajAgAAAAIAAAAMAAAAYS9tb2RlbC5qc29ue31QSwMEFAAAAAAAAAAhAFbvcko9AAAAPQAAAAoAAABtb2RlbC5qc29ueyJ2ZXJzaW9uIjogIjEuMi4wIiwgInNjaGVtYSI6IHsiaW5wdXRzIjoge30sICJvdXRwdXRzIjoge319fVBLAQIUAxQAAAAAAAAAIQBDv6ajAgAAAAIAAAAMAAAAAAAAAAAAAACAAQAAAABhL21vZGVsLmpzb25QSwECFAMUAAAAAAAAACEAVu9ySj0AAAA9AAAACgAAAAAAAAAAAAAAgAEsAAAAbW9kZWwuanNvblBLBQYAAAAAAgACAHIAAACRAAAAAAA=";
const DEFLATED =
  "UEsDBBQAAAAIAAAAIQBDv6ajBAAAAAIAAAAMAAAAYS9tb2RlbC5qc29uq64FAFBLAwQUAAAACAAAACEAVu9ySjMAAAA9AAAACgAAAG1vZGVsLmpzb26rVipLLSrOzM9TslJQMtQz0jNQ0lFQKk7OSM1NBApVK2XmFZSWFIOYtUCJ/NISOLe2FgBQSwECFAMUAAAACAAAACEAQ7+mowQAAAACAAAADAAAAAAAAAAAAAAAgAEAAAAAYS9tb2RlbC5qc29uUEsBAhQDFAAAAAgAAAAhAFbvckozAAAAPQAAAAoAAAAAAAAAAAAAAIABLgAAAG1vZGVsLmpzb25QSwUGAAAAAAIAAgByAAAAiQAAAAkAYSBjb21tZW50";

const zip = (text: string) => new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);

test.each([STORED, DEFLATED])("the manifest is read out of the zip", async (text) => {
  expect(await packedManifest(zip(text))).toEqual({
    version: "1.2.0",
    schema: { inputs: {}, outputs: {} },
  });
});

test("what is no zip, or has no manifest, has none to show", async () => {
  expect(await packedManifest(new Blob(["no zip"]))).toBeNull();
  expect(await packedManifest(new Blob([]))).toBeNull();
  expect(await packedManifest(zip(STORED).slice(0, 40))).toBeNull();
});
